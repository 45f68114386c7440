#!/usr/bin/env python3
"""Takes part in the auction of programs/highest_bid.mpc.

    bid.py CLIENT FOLDER PORT BID [HOST ...]

CLIENT is the number of the certificate in FOLDER; HOSTs are the parties, by default three on this
machine.
"""

import sys

from caucus_client import Client, ClientError


def main():
    """Bids, waits for the result and prints it."""
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    client_id, folder, port, bid = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    hosts = sys.argv[5:] or ["localhost"] * 3
    try:
        with Client(client_id, folder, hosts, port) as client:
            client.send_private([bid])
            winner, price = client.receive_private(2)
    except ClientError as error:
        sys.exit("bid.py: %s" % error)
    if winner == client_id:
        print("won, for %d" % price)
    else:
        print("client %d won, for %d" % (winner, price))


if __name__ == "__main__":
    main()
