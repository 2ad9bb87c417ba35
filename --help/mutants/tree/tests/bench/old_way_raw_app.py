"""A kinder old way: the same application with Flask and psycopg2 alone, neither SQLAlchemy nor Flask-RESTful."""

import os

import psycopg2
from flask import Flask, jsonify, request
from old_way_form import LIMIT, applicant_of, invalid, ticket_hash

app = Flask(__name__)
_connection = None


def connection():
    """One for each worker, made after the fork."""
    global _connection
    if _connection is None or _connection.closed:
        _connection = psycopg2.connect(os.environ["DATABASE_URL"], options="-c search_path=old_way")
    return _connection


@app.post("/apply")
def apply():
    form = request.get_json()
    wrong = invalid(form)
    if wrong:
        return jsonify(result="failed", msg=f"invalid {wrong}"), 422
    applicant = applicant_of(form)
    quantity = int(form["ticket_quantity"])
    with connection() as transaction, transaction.cursor() as cursor:
        cursor.execute("INSERT INTO applicant (id, email, name) VALUES (%s, %s, %s) ON CONFLICT (id) DO NOTHING",
                       (applicant, form["email"], f"{form['last_name']} {form['first_name']}"))
        cursor.execute("SELECT email, applied FROM applicant WHERE id = %s FOR UPDATE", (applicant,))
        email, applied = cursor.fetchone()
        if email != form["email"]:
            return jsonify(result="failed", msg="used with another address"), 409
        if applied + quantity > LIMIT:
            return jsonify(result="failed", msg="limit reached"), 409
        for number in range(applied + 1, applied + quantity + 1):
            cursor.execute("INSERT INTO ticket (applicant, number, guest, hash) VALUES (%s, %s, %s, %s)",
                           (applicant, number, form[f"guestName{number - applied}"], ticket_hash(applicant, number)))
        cursor.execute("UPDATE applicant SET applied = applied + %s WHERE id = %s", (quantity, applicant))
    return jsonify(result="success", tickets=quantity), 201
