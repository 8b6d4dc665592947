"""Addresses as a mail server wants them."""

import pytest

from consult.addresses import canonical, mail_address
from consult.web.forms import AddressField, Form


@pytest.mark.parametrize(
    ("address", "sent_to"),
    [
        ("ana@example.org", "ana@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("josé@例え.jp", "josé@xn--r8jz45g.jp"),
        ("Ana.B+list@EXAMPLE.org", "Ana.B+list@EXAMPLE.org"),
    ],
)
def test_a_domain_goes_in_ascii_and_the_part_before_it_as_it_is(address, sent_to):
    assert mail_address(address) == sent_to


@pytest.mark.parametrize(
    "address", ["", "ana", "@example.org", "ana@", "a b@example.org", "a\n@example.org", "a@-ü.org"]
)
def test_what_no_server_could_take_is_refused(address):
    with pytest.raises(ValueError, match="address"):
        mail_address(address)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ana@Example.ORG ", "ana@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@XN--BCHER-KVA.example", "ana@xn--bcher-kva.example"),
        ("jose\u0301@example.org", "jos\u00e9@example.org"),
        ("No Address", "no address"),
    ],
)
def test_one_mailbox_is_written_one_way(app, typed, kept):
    assert canonical(typed) == kept

    class OneForm(Form):
        email = AddressField()

    with app.test_request_context(method="POST", data={"email": typed}):
        form = OneForm()
        assert form.validate_on_submit() is ("@" in kept)
        assert form.email.data == kept
