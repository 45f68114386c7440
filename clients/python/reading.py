#!/usr/bin/env python3
"""Gives readings to one party, for programs/own_readings.mpc.

    reading.py CLIENT FOLDER PARTY HOST PORT READING...

CLIENT is the number of the certificate in FOLDER. The readings are fractions; only PARTY, at HOST
and PORT, is sent them.
"""

import sys

from caucus_client import Client, ClientError, to_fixed


def main():
    """Sends the readings."""
    if len(sys.argv) < 7:
        sys.exit(__doc__)
    client_id, folder, party = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    address = (sys.argv[4], int(sys.argv[5]))
    readings = [float(word) for word in sys.argv[6:]]
    try:
        with Client(client_id, folder, {party: address}) as client:
            client.send_public_to(party, to_fixed(readings))
    except ClientError as error:
        sys.exit("reading.py: %s" % error)


if __name__ == "__main__":
    main()
