"""Checks of the HTML page of a report."""

import html.parser
import re

# Element -> the attribute that can load an external resource.
LOADING = {
    "script": "src",
    "img": "src",
    "link": "href",
    "a": "href",
    "iframe": "src",
    "use": "xlink:href",
    "image": "href",
}


class Reader(html.parser.HTMLParser):
    """Collects the elements and texts of a page; an element that is not closed is an error."""

    EMPTY = {"meta", "link", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if text.strip() and self.open[-1] not in ("script", "style"):
            self.words.append(text.strip())

    def all(self, tag):
        return [attributes for each, attributes in self.elements if each == tag]


def check_page(folder, figures):
    """Check that the page is valid, loads nothing, and describes each figure."""
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Reader(text)
    for tag, attribute in LOADING.items():
        for attributes in page.all(tag):
            assert attributes.get(attribute, "#").startswith(("#", "data:")), (tag, attributes)
    assert not re.search(r"@import|url\((?!#)", text)
    assert len(page.all("script")) == 1 and "script-src 'sha256-" in text
    assert len(page.all("svg")) == len(page.all("figure")) == figures
    assert all(
        figure["role"] == "img" and len(figure["aria-label"]) > 20 for figure in page.all("figure")
    )
    assert len(page.all("path")) >= 5 * figures
    assert all(head["scope"] == "col" for head in page.all("th")) and len(page.all("thead")) == len(
        page.all("table")
    )
    ids = [
        attributes["id"]
        for tag, attributes in page.elements
        if "id" in attributes and tag not in ("path", "clippath")
    ]
    assert len(set(ids)) == len(ids)
    return page
