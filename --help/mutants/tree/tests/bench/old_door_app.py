"""The old way at the door: a ticket's row locked, looked at and changed in the request, one transaction each."""

import os

import psycopg2
from flask import Flask, jsonify, request

app = Flask(__name__)
_connection = None


def connection():
    """One for each worker, made after the fork."""
    global _connection
    if _connection is None or _connection.closed:
        _connection = psycopg2.connect(os.environ["DATABASE_URL"], options="-c search_path=old_door")
    return _connection


@app.post("/api/v1/checkin")
def checkin():
    with connection() as transaction, transaction.cursor() as cursor:
        cursor.execute("SELECT guest, entered FROM ticket WHERE code = %s FOR UPDATE", (request.get_json()["code"],))
        found = cursor.fetchone()
        if found is None:
            return jsonify(result="error", msg="unknown", code=404)
        if found[1]:
            return jsonify(result="error", msg="already entered", code=400)
        cursor.execute("UPDATE ticket SET entered = true, entered_at = now() WHERE code = %s", (request.get_json()["code"],))
    return jsonify(result="success", msg="Welcome", guest=found[0], code=200)
