"""Draws docs/answer.png from docs/answer.json, a message payload as the bot sent it.

python docs/picture.py docs/answer.json > answer.html
chromium --headless --screenshot=docs/answer.png --window-size=900,385 --hide-scrollbars --force-device-scale-factor=2 answer.html
"""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #313338; color: #dbdee1; font: 16px/1.375 "Noto Sans", sans-serif; padding: 20px 24px }}
.message {{ display: grid; grid-template-columns: 40px 1fr; column-gap: 16px; margin-bottom: 18px }}
.face {{ width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; font-weight: 700; color: #fff }}
.name {{ font-weight: 600; color: #f2f3f5 }} .app {{ background: #5865f2; border-radius: 4px; font-size: 10px; padding: 2px 5px;
  color: #fff; font-weight: 600; margin-left: 6px; vertical-align: middle }}
.time {{ color: #949ba4; font-size: 12px; margin-left: 8px; font-weight: 400 }}
.mention {{ background: #3c4270; color: #c9cdfb; border-radius: 3px; padding: 0 2px }}
small {{ display: block; font-size: 13px; color: #949ba4; margin-top: 3px }} a {{ color: #00a8fc; text-decoration: none }}
ul {{ margin: 4px 0; padding-left: 22px }} .reply {{ grid-column: 2; font-size: 14px; color: #b5bac1; margin-bottom: 2px }}
</style>
<div class="message"><div class="face" style="background:#3ba55c">A</div><div><div class="name">Ada<span class="time">Today
at 09:41</span></div><span class="mention">@Footnote</span> {question}</div></div>
<div class="message"><div class="reply">↱ <b>Ada</b> @Footnote {question}</div><div class="face" style="background:#5865f2">¹</div>
<div><div class="name">Footnote<span class="app">APP</span><span class="time">Today at 09:41</span></div>{answer}</div></div>
"""


def to_html(content: str) -> str:
    """The part of Discord's Markdown that answers use: lists, small print, links, escapes."""
    lines: list[str] = []
    for line in content.split("\n"):
        text = html.escape(line, quote=False)
        text = re.sub(r"\[((?:\\.|[^\]\\])+)\]\(&lt;(\S+?)&gt;\)", r'<a href="\2">\1</a>', text)
        text = re.sub(r"\\(.)", r"\1", text)
        if text.startswith("-# "):
            lines.append(f"<small>{text[3:]}</small>")
        elif text.startswith("- "):
            lines.append(f"<ul><li>{text[2:]}</li></ul>")
        else:
            lines.append(f"<div>{text}</div>")
    return "".join(lines)


def main() -> None:
    """Print the page for a payload."""
    payload = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    question = html.escape(payload["question"])
    print(PAGE.format(question=question, answer=to_html(payload["message"]["content"])))


if __name__ == "__main__":
    main()
