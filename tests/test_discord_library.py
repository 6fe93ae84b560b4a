"""Adding, listing and removing articles in Discord."""

from __future__ import annotations

import pytest

from tests.places import FOOTNOTE, Place, done, refusal

pytestmark = pytest.mark.asyncio(loop_scope="module")

ARTICLE = (
    b"---\ntitle: The Halden reactor reopens\ndate: 2024-05-02\nsource: Fjord Courier\n---\n"
    b"The research reactor at Halden reopened on 2 May 2024 after six years of repairs. Its director, Ingrid Solberg, "
    b"said that the work had cost 41 million kroner.\n"
)


async def test_a_file_is_added_answered_from_shown_and_removed(librarian: Place) -> None:
    added = await librarian.ada.slash(librarian.channel, "ingest file", file=("halden.md", ARTICLE))
    card = await done(librarian, added)
    assert card.startswith("Added:")
    assert "The Halden reactor reopens" in card
    assert "1 passage" in card
    assert "41 million kroner" in card

    await librarian.ada.say(
        librarian.channel, "How much did the repairs at Halden cost?", mentions=[librarian.server.bot]
    )
    answer = await librarian.answer(number=2)
    assert "41 million kroner" in answer.content

    again = await librarian.ada.slash(librarian.channel, "ingest file", file=("halden.md", ARTICLE))
    assert "Already in the library" in await done(librarian, again)

    choices = await librarian.ada.autocomplete(librarian.channel, "articles show", "article", article="halden")
    assert [choice["name"] for choice in choices] == ["The Halden reactor reopens"]
    listed = await done(librarian, await librarian.ada.slash(librarian.channel, "articles list"))
    assert "9 articles, page 1 of 1" in listed

    removal = await librarian.ada.slash(librarian.channel, "articles remove", article=choices[0]["value"])
    assert "cannot be taken back" in await done(librarian, removal)
    pressed = await librarian.ada.click(removal.original, "Remove")
    await librarian.server.wait_for(lambda: "Removed from the library" in removal.original.content, 20, "the removal")
    assert pressed.failure is None
    listed = await done(librarian, await librarian.ada.slash(librarian.channel, "articles list"))
    assert "Halden" not in listed
    sought = await done(librarian, await librarian.ada.slash(librarian.channel, "articles list", search="*Halden*"))
    assert sought.startswith("No article has “\\*Halden\\*” in its title, source or author")
    librarian.assert_clean()


async def test_pasted_text_is_added_with_its_link(librarian: Place) -> None:
    opened = await librarian.ada.slash(librarian.channel, "ingest text")
    await librarian.server.wait_for(lambda: opened.modal, 10, "the form")
    fields = {
        item["custom_id"]: value
        for item, value in zip(
            _inputs(opened.modal),
            [
                "The ferry",
                "The ferry to Lofoten leaves at 07:15 from Bodø.",
                "https://ferry.example/a",
                "2025-03-01",
            ],
            strict=True,
        )
    }
    added = await librarian.ada.submit(opened, fields)
    card = await done(librarian, added)
    assert "[The ferry](<https://ferry.example/a>)" in card
    await librarian.ada.say(librarian.channel, "When does the ferry to Lofoten leave?", mentions=[librarian.server.bot])
    answer = await librarian.answer(number=2)
    assert FOOTNOTE.search(answer.content)

    again = await librarian.ada.slash(librarian.channel, "ingest text")
    await librarian.server.wait_for(lambda: again.modal, 10, "the form")
    title, text, *_ = [item["custom_id"] for item in _inputs(again.modal)]
    blank = await librarian.ada.submit(again, {title: "  ", text: "The mill at Rena grinds on Mondays."})
    assert "**The mill at Rena grinds on Mondays.**" in await done(librarian, blank)
    librarian.assert_clean()


def _inputs(modal: dict) -> list[dict]:
    found: list[dict] = []
    for row in modal["components"]:
        found += [row["component"]] if "component" in row else row.get("components", [])
    return found


async def test_a_message_is_added_from_its_menu_and_an_address_inside_the_network_is_refused(librarian: Place) -> None:
    refused = {
        "http://127.0.0.1:8080/": "usual web ports",
        "http://169.254.169.254/latest/meta-data/": "not on the public web",
        "http://localhost/": "not on the public web",
        "file:///etc/passwd": "begin with http",
        "http://user:secret@example.com/": "ambiguous",
    }
    note = await librarian.ada.say(librarian.channel, "The club meets every Thursday at the old mill in Hamar.")
    asked = await librarian.ada.menu(note, "Add to library")
    card = await done(librarian, asked)
    assert "Added:" in card
    assert "Thursday" in card
    for url, said in refused.items():
        text = await done(librarian, await librarian.ada.slash(librarian.channel, "ingest url", url=url))
        assert text.startswith("Not added:")
        assert said in text
    librarian.assert_clean()


async def test_a_title_cannot_dress_up_a_refusal_and_a_long_wish_is_refused_in_a_message(librarian: Place) -> None:
    for number in (1, 2):
        text = f"# [Click here {number}](http://evil.example/)\n\nThe mill number {number} opens on day {number}."
        file = (f"{number}.md", text.encode())
        await done(librarian, await librarian.ada.slash(librarian.channel, "ingest file", file=file))
    asked = await librarian.ada.slash(librarian.channel, "articles show", article="click here")
    said = await refusal(librarian, asked)
    assert said.startswith("2 articles fit “click here”")
    assert "“\\[Click here 1\\](" in said, "not a link"
    asked = await librarian.ada.slash(librarian.channel, "articles show", article="windmill " * 600)
    assert (await refusal(librarian, asked)).startswith("No article of the library is called “windmill ")
    librarian.assert_clean()


async def test_a_member_without_the_permission_is_told_whom_to_ask(place: Place) -> None:
    for command, options in (
        ("ingest url", {"url": "https://example.com/"}),
        ("articles remove", {"article": "1"}),
    ):
        asked = await place.ada.slash(place.channel, command, **options)
        await place.server.wait_for(lambda asked=asked: asked.original or asked.followups, 10, "a refusal")
        message = asked.original or asked.followups[0]
        assert "Manage Server" in message.content
        assert message.flags & 64
    place.assert_clean()
