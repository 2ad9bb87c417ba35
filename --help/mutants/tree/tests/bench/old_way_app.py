"""The old way of working without its pages, rendering and mail: an application is validated, inserted and committed in the
request, by a Flask-RESTful resource through SQLAlchemy's ORM."""

import os

from flask import Flask, request
from flask_restful import Api, Resource
from flask_sqlalchemy import SQLAlchemy
from old_way_form import LIMIT, applicant_of, invalid, ticket_hash
from sqlalchemy.exc import IntegrityError

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
# Each worker's pool, which it makes with its first query, keeps its connections; nothing is recorded or echoed.
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"options": "-c search_path=old_way"}}
db = SQLAlchemy(app)
api = Api(app)


class Applicant(db.Model):
    id = db.Column(db.Text, primary_key=True)
    email = db.Column(db.Text, nullable=False, unique=True)
    name = db.Column(db.Text, nullable=False)
    applied = db.Column(db.Integer, nullable=False)


class Ticket(db.Model):
    applicant_id = db.Column("applicant", db.Text, db.ForeignKey("applicant.id"), primary_key=True)
    number = db.Column(db.Integer, primary_key=True)
    guest = db.Column(db.Text, nullable=False)
    hash = db.Column(db.Text, nullable=False, unique=True)
    applicant = db.relationship(Applicant)


class Application(Resource):
    def post(self):
        form = request.get_json()
        wrong = invalid(form)
        if wrong:
            return {"result": "failed", "msg": f"invalid {wrong}"}, 422
        try:
            return self.apply(form)
        except IntegrityError:
            db.session.rollback()
            return {"result": "failed", "msg": "used with another address"}, 409

    def apply(self, form):
        id_, quantity = applicant_of(form), int(form["ticket_quantity"])
        applicant = db.session.query(Applicant).filter_by(id=id_).with_for_update().one_or_none()
        if applicant is None:
            applicant = Applicant(id=id_, email=form["email"], applied=0, name=f"{form['last_name']} {form['first_name']}")
            db.session.add(applicant)
        if applicant.email != form["email"]:
            return {"result": "failed", "msg": "used with another address"}, 409
        if applicant.applied + quantity > LIMIT:
            return {"result": "failed", "msg": "limit reached"}, 409
        for number in range(applicant.applied + 1, applicant.applied + quantity + 1):
            db.session.add(Ticket(applicant=applicant, number=number, guest=form[f"guestName{number - applicant.applied}"],
                                  hash=ticket_hash(id_, number)))
        applicant.applied += quantity
        db.session.commit()
        return {"result": "success", "tickets": quantity}, 201


api.add_resource(Application, "/apply")
