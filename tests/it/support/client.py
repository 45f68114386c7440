"""A client that does what a program's head says, with the module for Python.

client.py CLIENT FOLDER N_PARTIES STATEMENTS; for the statements see client.rs beside this file.
"""

import sys
import time

from caucus_client import Client, ClientError


def run(client_id, folder, n_parties, statements):
    """Does the statements and prints what the client says."""
    client = None
    for statement in statements.split(";"):
        word, *rest = statement.split() or [""]
        if word == "wait":
            time.sleep(float(rest[0]))
        elif word == "port":
            client = Client(client_id, folder, ["localhost"] * n_parties, int(rest[0]))
        elif word == "port-to":
            party, port = int(rest[0]), int(rest[1])
            client = Client(client_id, folder, {party: ("localhost", port + party)})
        elif word == "ints":
            client.send_ints([int(text) for text in rest])
        elif word == "ints-to":
            client.send_ints_to(int(rest[0]), [int(text) for text in rest[1:]])
        elif word == "cints":
            client.send_public([int(text) for text in rest])
        elif word == "cints-to":
            client.send_public_to(int(rest[0]), [int(text) for text in rest[1:]])
        elif word == "private":
            client.send_private([int(text) for text in rest])
        elif word == "private-fix":
            client.send_private_fix([float(text) for text in rest])
        elif word == "out":
            print("out", *client.receive_private(int(rest[0])))
        elif word == "out-fix":
            print("out", *["%.3f" % value for value in client.receive_private_fix(int(rest[0]))])
        elif word == "shares":
            print("shares", *client.receive_shares(int(rest[0])))
        elif word == "clear":
            print("clear", *client.receive_ints(int(rest[0])))
        elif word:
            sys.exit("%s is no statement of a client" % word)
    client.close()


if __name__ == "__main__":
    try:
        run(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
    except ClientError as error:
        sys.exit("client.py: %s" % error)
