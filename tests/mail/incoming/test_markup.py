"""HTML of mails as lines of text."""

import pytest

from dialogue.mail.incoming.lines import Mark
from dialogue.mail.incoming.markup import html_lines


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("", []),
        ("hej", ["hej"]),
        ("<p>a</p><p>b</p>", ["a", "", "b"]),
        ("<div>a</div><div>b</div>", ["a", "b"]),
        ("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", ["a", "", "b"]),
        ("<p style='margin:0'>a</p><p style='margin-top:0'>b</p>", ["a", "b"]),
        ("a<br>b<br><br>c<br><br><br>d", ["a", "b", "", "c", "", "d"]),
        ("<br><br>a", ["a"]),
        ("  a \n <b>b</b>  c ", ["a b c"]),
        ("a&nbsp;b&amp;c&lt;d&#229;", ["a b&c<då"]),
        ("<ul><li>a<li>b</ul><p>c", ["- a", "- b", "", "c"]),
        ("<ol><li>a</li><li>b<ul><li>c</ul></ol>", ["1. a", "2. b", "  - c"]),
        ("<li>a", ["- a"]),
        ("<pre>a\n  b\n\nc</pre>", ["a", "  b", "", "c"]),
        ("<pre>a\r\nb</pre>", ["a", "b"]),
        (
            "<table><tr><td>a</td><td><p>b</p></td></tr><tr><td>c</td><td>d<br>e</td></tr></table>",
            ["a | b", "c | d", "e"],
        ),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", ["a", "b"]),
        ("<table><tr><td></td><td>a</td></tr></table>", ["a"]),
        ("<a href='https://x.example/y'>hit</a>.", ["hit <https://x.example/y>."]),
        ("<a href='https://x.example/y'>hit </a>nu", ["hit <https://x.example/y>nu"]),
        ("<a href='https://www.x.example/'>x.example</a>", ["x.example"]),
        ("<a href='mailto:a@b.example?subject=x'>mejla</a>", ["mejla <a@b.example>"]),
        ("<a href='javascript:alert(1)'>a</a><a name=b>b</a><a href='https://x.example'> </a>", ["ab"]),
        ("<a href='https://x.example'><p>a</p></a>", ["a"]),
        (f"<a href='https://x.example/{'y' * 600}'>a</a>", ["a"]),
        ("<img alt='bild.png'>a<img alt='😊'><img>", ["a😊"]),
        ("<style>x</style><script>y</script><title>z</title>a<!-- b -->", ["a"]),
        ("<style>x", []),
        ("a<!-- b", ["a"]),
        ("<STYLE>x</STYLE>a<script>y</script >b", ["ab"]),
        ("<p hidden>a</p><p style='display: none'>b</p>c", ["c"]),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", ["> a", ">", ">> b", "", "c"]),
        ("<blockquote style='margin-left:40px;border:none'>a</blockquote>", ["a"]),
        ("<div style='border:none;border-left:solid blue 1.5pt'>a</div>", ["> a"]),
        ("&gt; a<br>&gt;&gt; b", ["> a", ">> b"]),
        ("<p>· a</p><p class=MsoListParagraph>•&nbsp;&nbsp; b</p>", ["- a", "", "- b"]),
        ("<font color=red>a</font><i/>b<a <b>c</a>", ["abc"]),
        ("a < b", ["a < b"]),
        ("a<span title='1 > 0'>b</span>", ["ab"]),
        ("a<p title='never closed>b</p>", ["ab"]),
        ("a<p", ["a"]),
        ("\x00a\u200bb\u00ad", ["ab"]),
        ("<x-unknown>a</x-unknown><svg><text>b</text></svg>", ["a"]),
    ],
)
def test_lines(html: str, lines: list[str]) -> None:
    assert [line.raw for line in html_lines(html)] == lines


@pytest.mark.parametrize(
    ("html", "marks"),
    [
        ("<p>a</p><div id=divRplyFwdMsg><p>b</p></div><p>c</p>", {"b": Mark.ORIGINAL}),
        ("<p>a</p><hr id=stopSpelling>b", {"b": Mark.ORIGINAL}),
        (
            "<p>a</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>b</p></div><p>c</p>",
            {"b": Mark.ORIGINAL},
        ),
        ("a<div id=x_divRplyFwdMsg>b</div>", {"b": Mark.ORIGINAL}),
        ("a<div class=gmail_attr>b<br>c</div>", {"b": Mark.CAPTION, "c": Mark.CAPTION}),
        ("a<div class=moz-cite-prefix>b</div>", {"b": Mark.CAPTION}),
        ("a<div class=gmail_quote>b<blockquote>c</blockquote></div>d", {"b": Mark.CAPTION}),
        ("a<div class=gmail_quote>b</div>", {}),
        (f"a<div class=gmail_quote>{'<span>b</span>' * 31}<blockquote>c</blockquote></div>", {}),
        ("a<div class=gmail_signature><p>b</p></div>c", {"b": Mark.SIGNATURE}),
        (
            "a<div id=Signature>b</div><div id=x_ms-outlook-mobile-signature>c</div>",
            {"b": Mark.SIGNATURE, "c": Mark.SIGNATURE},
        ),
        ("a<div name=messageSignatureSection>b</div>", {"b": Mark.SIGNATURE}),
        ("a<div class=designature>b</div>", {}),
    ],
)
def test_what_mail_programs_say_by_names(html: str, marks: dict[str, Mark]) -> None:
    assert {line.text: line.mark for line in html_lines(html) if line.text and line.mark is not Mark.NONE} == marks
