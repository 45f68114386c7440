"""A client of programs that Caucus runs: private inputs, private outputs, public values.

Standard library only. A client has a connection with each party. It knows the parties by their
certificates ``P<i>.pem`` and shows its own, ``C<id>.pem`` with the key ``C<id>.key``; the command
``caucus certs client --index <id> --export FOLDER`` puts them into a folder.

    with Client(0, 'FOLDER', ['localhost'] * 3, 14000) as client:
        client.send_ints([1])
        client.send_private([42])
        print(client.receive_private(1))

A private input is sent as its sum with a random mask that no party knows; what comes back is the
sum of what the parties send. So no party learns either. The sums are verified by random products
that go along, where the program asks for them (it does unless it sets ``program.active``).
The format is described in docs/clients.md.
"""

import os
import socket
import ssl
import struct
import time


class ClientError(Exception):
    """What a client can meet: a party that cannot be reached, is not believed, or misbehaves."""


class Client:
    """Connections with all parties of a computation.

    `client_id` is the number in the certificate, `certs` the folder of the certificates, `hosts`
    the parties' addresses, P0 first, each a name or a pair of name and port. Where no port is
    given it is `port` plus the number of the party. A dictionary names some parties only, by their
    numbers. `timeout`: seconds to wait for each answer, and for parties that do not listen yet.
    """

    def __init__(self, client_id, certs, hosts, port=None, timeout=60):
        self.id = client_id
        self.bits = None
        self._streams = {}
        self._timeout = timeout
        try:
            for party, host in hosts.items() if isinstance(hosts, dict) else enumerate(hosts):
                host, own_port = host if isinstance(host, tuple) else (host, None)
                if own_port is None:
                    if port is None:
                        raise ClientError("no port was given for P%d" % party)
                    own_port = port + party
                self._streams[party] = self._connect(party, certs, host, own_port)
            for party, stream in self._streams.items():
                self._read_specification(party, stream)
        except BaseException:
            self.close()
            raise

    # Connecting

    def _connect(self, party, certs, host, port):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        own = [os.path.join(certs, "C%d.%s" % (self.id, end)) for end in ("pem", "key")]
        theirs = os.path.join(certs, "P%d.pem" % party)
        for path in own + [theirs]:
            if not os.path.exists(path):
                raise ClientError(
                    "%s is missing: make it with `caucus certs client --index %d --export %s` "
                    "where the certificates of the parties are" % (path, self.id, certs))
        context.load_cert_chain(*own)
        # Each party is believed by its own authority only.
        context.load_verify_locations(theirs)
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                stream = socket.create_connection((host, port), timeout=self._timeout)
                break
            except ConnectionRefusedError:
                if time.monotonic() >= deadline:
                    raise ClientError("P%d does not listen at %s:%d: is its program running, and "
                                      "is that its port?" % (party, host, port)) from None
                time.sleep(0.1)
            except OSError as error:
                raise ClientError("P%d cannot be reached at %s:%d: %s"
                                  % (party, host, port, error)) from None
        try:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream.sendall(_frame(b"%d" % self.id))
            return context.wrap_socket(stream, server_hostname="P%d" % party)
        except ssl.SSLCertVerificationError as error:
            stream.close()
            raise ClientError("whoever listens at %s:%d is not P%d: %s; compare %s with its "
                              "authority's certificate" % (host, port, party,
                                                           error.verify_message, theirs)) from None
        except OSError as error:
            stream.close()
            raise ClientError("P%d at %s:%d ended the handshake: %s" % (party, host, port, error)
                              ) from None

    def _read_specification(self, party, stream):
        try:
            frame = self._read_frame(party, stream)
        except ClientError as error:
            raise ClientError("P%d refused the connection: %s; its messages say why, mostly it "
                              "does not know the certificate" % (party, error)) from None
        kind = struct.unpack("<I", frame[:4])[0] if len(frame) >= 4 else None
        if kind == ord("E"):
            raise ClientError("P%d: %s" % (party, frame[4:].decode("utf-8", "replace")))
        if kind != ord("R") or len(frame) != 12:
            raise ClientError("P%d computes in a domain that this client does not know: %r"
                              % (party, frame[:40]))
        bits = struct.unpack("<I", frame[4:8])[0]
        if self.bits not in (None, bits):
            raise ClientError("P%d computes with %d bits, the parties before it with %d"
                              % (party, bits, self.bits))
        self.bits = bits

    def close(self):
        """Ends all connections."""
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            try:
                stream.unwrap()
            except (OSError, ValueError):
                pass  # the party may be gone
            stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Messages

    def _send(self, party, data):
        try:
            self._streams[party].sendall(_frame(data))
        except OSError as error:
            raise ClientError("P%d takes nothing any more: %s" % (party, error)) from None

    def _read(self, party, stream, count):
        parts = []
        while count:
            try:
                part = stream.recv(min(count, 1 << 20))
            except socket.timeout:
                raise ClientError("P%d sent nothing for %g s" % (party, self._timeout)) from None
            except OSError as error:
                raise ClientError("P%d was lost: %s" % (party, error)) from None
            if not part:
                raise ClientError("P%d closed the connection" % party)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _read_frame(self, party, stream, expected=None):
        length, = struct.unpack("<I", self._read(party, stream, 4))
        if expected is not None and length not in expected:
            raise ClientError(
                "P%d sent %d bytes where %s were expected: client and program must send and "
                "receive the same numbers of values in the same order"
                % (party, length, " or ".join(str(one) for one in expected)))
        if expected is None and length > 1 << 16:
            raise ClientError("P%d sent %d bytes instead of a specification" % (party, length))
        return self._read(party, stream, length)

    @property
    def _width(self):
        return (self.bits + 7) // 8

    def _encode(self, values):
        return b"".join((value % (1 << self.bits)).to_bytes(self._width, "little")
                        for value in values)

    def _decode(self, data):
        return [int.from_bytes(data[at:at + self._width], "little")
                for at in range(0, len(data), self._width)]

    def _signed(self, value):
        return value - (1 << self.bits) if value >> (self.bits - 1) else value

    # Public values

    def send_ints(self, values):
        """For ``regint.read_from_socket``: integers of 64 bits, the same to all parties."""
        data = struct.pack("<%dq" % len(values), *values)
        for party in self._streams:
            self._send(party, data)

    def send_ints_to(self, party, values):
        """Integers of 64 bits to one party only."""
        self._send(party, struct.pack("<%dq" % len(values), *values))

    def send_public(self, values):
        """For ``cint.read_from_socket``: public numbers, the same to all parties."""
        data = self._encode(values)
        for party in self._streams:
            self._send(party, data)

    def send_public_to(self, party, values):
        """For ``personal.read_int_from_socket``: numbers that one party may know."""
        self._send(party, self._encode(values))

    def receive_ints(self, count):
        """Of ``regint.write_to_socket``; all parties must send the same."""
        def read(data):
            return list(struct.unpack("<%dq" % count, data))
        return self._same(8 * count, read)

    def receive_public(self, count):
        """Of ``cint.write_to_socket``; all parties must send the same."""
        return self._same(self._width * count,
                          lambda data: [self._signed(value) for value in self._decode(data)])

    def _same(self, length, read):
        first = None
        for party, stream in self._streams.items():
            frame = self._read_frame(party, stream, [length])
            if first not in (None, frame):
                raise ClientError("P%d sent other public values than the parties before it: one of "
                                  "them is wrong" % party)
            first = frame
        return read(first)

    # Secrets

    def receive_shares(self, count):
        """Of ``write_shares_to_socket``: numbers that nothing verifies."""
        return [self._signed(value) for value in self._sums([count])]

    def _sums(self, counts):
        """What the parties send, added up: one of these numbers of values, the same from each."""
        expected = [self._width * count for count in counts]
        total = None
        for party, stream in self._streams.items():
            part = self._decode(self._read_frame(party, stream, expected))
            expected = [self._width * len(part)]
            total = part if total is None else [a + b for a, b in zip(total, part)]
        return [value % (1 << self.bits) for value in total]

    def _checked(self, count, what):
        sums = self._sums([3 * count, count])
        if len(sums) == count:
            return sums
        for value, factor, product in zip(sums[::3], sums[1::3], sums[2::3]):
            if value * factor % (1 << self.bits) != product:
                raise ClientError("the parties sent %s that do not fit together: one of them is "
                                  "wrong; nothing of it was used" % what)
        return sums[::3]

    def send_private(self, values):
        """For ``sint.receive_from_client``: integers that no party learns."""
        values = list(values)
        if not values:
            return
        masks = self._checked(len(values), "masks")
        data = self._encode([value + mask for value, mask in zip(values, masks)])
        for party in self._streams:
            self._send(party, data)

    def receive_private(self, count):
        """Of ``sint.reveal_to_clients``: integers that no party learns."""
        if not count:
            return []
        return [self._signed(value) for value in self._checked(count, "results")]

    def send_private_fix(self, values, f=16):
        """For ``sfix.receive_from_client``: fractions with f bits behind the point."""
        self.send_private(to_fixed(values, f))

    def receive_private_fix(self, count, f=16):
        """Of ``sfix.reveal_to_clients``: fractions with f bits behind the point."""
        return [value / 2 ** f for value in self.receive_private(count)]


def to_fixed(values, f=16):
    """Fractions as integers in units of 2^-f."""
    return [round(value * 2 ** f) for value in values]


def _frame(data):
    return struct.pack("<I", len(data)) + data
