"""The old way of working without its rendering and mail: an application is validated, inserted and committed in the request."""

import hashlib
import os
import re

import psycopg2
from flask import Flask, jsonify, request

app = Flask(__name__)
ROMAN = re.compile(r"[A-Za-z .'-]{1,50}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LIMIT = 2
CLASS_SIZE = int(os.environ["CLASS_SIZE"])
_connection = None


def connection():
    """One for each worker, made after the fork."""
    global _connection
    if _connection is None or _connection.closed:
        _connection = psycopg2.connect(os.environ["DATABASE_URL"], options="-c search_path=old_way")
    return _connection


def invalid(form) -> str | None:
    for name in ("last_name", "first_name"):
        if not ROMAN.fullmatch(form.get(name, "")):
            return name
    if not ADDRESS.fullmatch(form.get("email", "")):
        return "email"
    if form.get("school_grades") not in ("J1", "J2", "J3", "S1", "S2", "S3"):
        return "school_grades"
    if form.get("classes") not in tuple("ABCDEFG"):
        return "classes"
    if not form.get("student_number", "").isdigit() or not 1 <= int(form["student_number"]) <= CLASS_SIZE:
        return "student_number"
    if form.get("ticket_quantity") not in ("1", "2"):
        return "ticket_quantity"
    for number in range(1, int(form["ticket_quantity"]) + 1):
        if not 1 <= len(form.get(f"guestName{number}", "")) <= 60:
            return f"guestName{number}"
    return None


@app.post("/apply")
def apply():
    form = request.get_json()
    wrong = invalid(form)
    if wrong:
        return jsonify(result="failed", msg=f"invalid {wrong}"), 422
    applicant = f"{form['school_grades']}{form['classes']}{int(form['student_number']):02}"
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
            secret = hashlib.sha256(f"{applicant}{number}{os.environ['SECRET']}".encode()).hexdigest()
            cursor.execute("INSERT INTO ticket (applicant, number, guest, hash) VALUES (%s, %s, %s, %s)",
                           (applicant, number, form[f"guestName{number - applied}"], secret))
        cursor.execute("UPDATE applicant SET applied = applied + %s WHERE id = %s", (quantity, applicant))
    return jsonify(result="success", tickets=quantity), 201
