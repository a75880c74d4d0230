"""The official Python client, a form library that asks siteverify and a reader of feeds, against a running server."""

import base64
import copy
import json
import os
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import altcha
import feedparser
from newsletter import newsletter

SERVER = os.environ["REPLYDESK_URL"]
SECRET = "what only the newsletter's server knows"
NEWS = "http://news.example"
PAGE = NEWS + "/2026/interop"


def get(path):
    with urllib.request.urlopen(SERVER + path, timeout=30) as answer:
        return json.load(answer)


def solved():
    """What the form's field would carry."""
    about = get("/api/captcha?" + urllib.parse.urlencode({"page": PAGE}))
    challenge = altcha.Challenge.from_dict(get(about["challenge_url"]))
    return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()


def minted():
    """A token that somebody solved, without the work."""
    command = [os.environ["REPLYDESK_BIN"], "captcha", "mint", "--page", PAGE, "--config", os.environ["REPLYDESK_CONFIG"]]
    folder = os.path.dirname(os.environ["REPLYDESK_CONFIG"])
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def send(token):
    """Sends a comment with this token: 202, or the reason of its refusal."""
    text = "By a client, " + os.urandom(8).hex()
    comment = {"page": PAGE, "name": "Ada", "email": "ada@readers.example", "body": text, "captcha": token}
    headers = {"Content-Type": "application/json", "Origin": NEWS}
    request = urllib.request.Request(SERVER + "/api/comments", json.dumps(comment).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return json.load(refused)["reason"]


def changed(token, change):
    payload = copy.deepcopy(json.loads(base64.b64decode(token)))
    change(payload)
    return base64.b64encode(json.dumps(payload).encode()).decode()


class Altcha(unittest.TestCase):
    """PyPI's altcha."""

    def test_what_it_solves_is_taken_once_and_what_was_changed_is_not(self):
        token = solved()
        parameters = lambda payload: payload["challenge"]["parameters"]
        for what, change in {
            "another prefix": lambda p: parameters(p).update(keyPrefix="00" * 16),
            "no signature": lambda p: p["challenge"].pop("signature"),
            "no expiry": lambda p: parameters(p).pop("expiresAt"),
            "the key in upper case": lambda p: p["solution"].update(derivedKey=p["solution"]["derivedKey"].upper()),
        }.items():
            self.assertEqual(send(changed(token, change)), "invalid", what)
        self.assertEqual(send(token), 202)
        self.assertEqual(send(token), "expired")
        self.assertEqual(send(changed(token, lambda p: p["solution"].update(time=1))), "expired")

    def test_of_twenty_at_once_one_is_taken(self):
        token = solved()
        with ThreadPoolExecutor(20) as pool:
            told = list(pool.map(send, [token] * 20))
        self.assertEqual(sorted(map(str, told)), ["202"] + ["expired"] * 19)


class FlaskWtf(unittest.TestCase):
    """Flask-WTF's RecaptchaField, told nothing but where to ask."""

    def subscribe(self, token, secret=SECRET):
        reader = newsletter(SERVER + "/api/captcha/siteverify", secret).test_client()
        answer = reader.post("/newsletter", data={"email": "ada@readers.example", "g-recaptcha-response": token})
        return answer.status_code, answer.get_data(as_text=True)

    def test_a_good_token_passes_and_a_replayed_one_fails(self):
        token = minted()
        self.assertEqual(self.subscribe(token), (200, "subscribed"))
        self.assertEqual(self.subscribe(token)[0], 400)

    def test_a_wrong_secret_fails_and_spends_nothing(self):
        token = minted()
        self.assertEqual(self.subscribe(token, "a wrong one")[0], 400)
        self.assertEqual(self.subscribe(token), (200, "subscribed"))

    def test_a_forged_or_absent_token_fails(self):
        forged = changed(minted(), lambda p: p["challenge"]["parameters"].update(expiresAt=9999999999))
        for token in [forged, "x", ""]:
            self.assertEqual(self.subscribe(token)[0], 400, token[:20])


class Feedparser(unittest.TestCase):
    """feedparser as it comes, its own cleaning switched off."""

    ORIGIN = "http://open.example"

    def publish(self, page, **values):
        comment = {"page": self.ORIGIN + page, "email": "ada@readers.example", **values}
        headers = {"Content-Type": "application/json", "Origin": self.ORIGIN}
        request = urllib.request.Request(SERVER + "/api/comments", json.dumps(comment).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual(answer.status, 201)
            return json.load(answer)["id"]

    def read(self, query):
        feed = feedparser.parse(SERVER + "/feed.atom?" + urllib.parse.urlencode(query), sanitize_html=False)
        self.assertFalse(feed.bozo, feed.get("bozo_exception"))
        self.assertEqual((feed.version, feed.status), ("atom10", 200))
        return feed

    def test_a_pages_and_a_sites_feed_say_what_was_published(self):
        one = self.publish("/feeds/one", title="The <old> & new bridge", name="Zoë & Co", url="https://zoe.example/?a=1&b=2", body="*Good* <b>news</b> & more: \u6d4b\u8bd5 \U0001f389")
        two = self.publish("/feeds/two", title="Rain", name="Иван", body="> It rained.\n\nIt did not.")
        page = self.read({"page": self.ORIGIN + "/feeds/one"})
        [entry] = page.entries
        self.assertEqual(entry.link, self.ORIGIN + "/feeds/one#comment-" + one)
        self.assertEqual((entry.author_detail.name, entry.author_detail.href), ("Zoë & Co", "https://zoe.example/?a=1&b=2"))
        self.assertEqual(entry.content[0].value, "<p><em>Good</em> &lt;b&gt;news&lt;/b&gt; &amp; more: 测试 🎉</p>")
        self.assertIsNotNone(entry.updated_parsed)
        site = self.read({"site": "open"})
        self.assertEqual([entry.id for entry in site.entries], ["urn:uuid:" + two, "urn:uuid:" + one])
        self.assertEqual([entry.author for entry in site.entries], ["Иван", "Zoë & Co"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
