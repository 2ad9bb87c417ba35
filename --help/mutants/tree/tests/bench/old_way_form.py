"""What both old ways check of a form before they touch the database."""

import hashlib
import os
import re

ROMAN = re.compile(r"[A-Za-z .'-]{1,50}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LIMIT = 2
CLASS_SIZE = int(os.environ["CLASS_SIZE"])


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


def applicant_of(form) -> str:
    return f"{form['school_grades']}{form['classes']}{int(form['student_number']):02}"


def ticket_hash(applicant: str, number: int) -> str:
    return hashlib.sha256(f"{applicant}{number}{os.environ['SECRET']}".encode()).hexdigest()
