"""Another form of the same site, as somebody would write it: Flask-WTF as it comes, and only its settings."""

from flask import Flask
from flask_wtf import FlaskForm, RecaptchaField
from wtforms import StringField
from wtforms.validators import DataRequired


class Subscription(FlaskForm):
    email = StringField(validators=[DataRequired()])
    recaptcha = RecaptchaField()


def newsletter(verify_server, secret):
    """The form's server. It is not in testing mode, where Flask-WTF would ask nobody."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret,
        WTF_CSRF_ENABLED=False,
        RECAPTCHA_PUBLIC_KEY="the form's script finds the challenge by itself",
        RECAPTCHA_PRIVATE_KEY=secret,
        RECAPTCHA_VERIFY_SERVER=verify_server,
    )

    @app.post("/newsletter")
    def subscribe():
        form = Subscription()
        if form.validate_on_submit():
            return "subscribed"
        return "; ".join(sum(form.errors.values(), [])), 400

    return app
