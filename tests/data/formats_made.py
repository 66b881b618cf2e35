"""Small texts in every format, shared by the tests of formats and of the documentation."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

ZH = ["市议会昨天批准了新预算。", "去年有38人受伤。", "学校将在九月开学。"]
EN = ["The council approved a budget.", 'Last year "38" people were hurt.', "School starts in September."]
OUT = ["The council passed a budget.", 'Last year "39" people got hurt.', "School begins in September."]
ROWS = [{"id": str(i + 1), "source": ZH[i], "reference": EN[i], "output": OUT[i]} for i in range(3)]


def lines(texts: list[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def jsonl(rows: list[Any]) -> str:
    return lines([json.dumps(row, ensure_ascii=False) for row in rows])


def csv_text(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def tsv_text(rows: list[dict[str, str]], quote: str = "") -> str:
    return lines(["\t".join(rows[0])] + ["\t".join(f"{quote}{v}{quote}" for v in row.values()) for row in rows])


def harness(i: int, **more: Any) -> dict[str, Any]:
    return {
        "doc_id": i,
        "doc": {"source": ZH[i]},
        "target": EN[i],
        "resps": [[OUT[i]]],
        "filtered_resps": [OUT[i]],
        **more,
    }


INSPECT = {
    "version": 2,
    "status": "success",
    "eval": {"model": "m"},
    "samples": [
        {"id": i + 1, "epoch": 1, "input": ZH[i], "target": EN[i], "output": {"completion": OUT[i]}} for i in range(3)
    ],
}
PROMPTFOO = {
    "evalId": "e",
    "results": {
        "results": [
            {
                "testIdx": i,
                "promptIdx": 0,
                "provider": {"id": f"x:{name}", "label": name},
                "vars": {"source": ZH[i], "reference": EN[i]},
                "response": {"output": OUT[i] if name == "a" else EN[i]},
            }
            for i in range(3)
            for name in ("a", "b")
        ]
    },
}
WMT = (
    "<?xml version='1.0' encoding='utf-8'?>\n<dataset id='t'><collection id='g'>"
    + "".join(
        f"<doc id='d{i}' domain='news'><src lang='zh'><p><seg id='1'>{ZH[i]}</seg></p></src>"
        f"<ref lang='en' translator='A'><p><seg id='1'>{EN[i]}</seg></p></ref>"
        f"<hyp lang='en' system='mine'><p><seg id='1'>{OUT[i]}</seg></p></hyp></doc>"
        for i in range(3)
    )
    + "</collection></dataset>"
)
TMX = (
    '<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4"><header srclang="zh-CN"/><body>'
    + "".join(
        f'<tu><tuv xml:lang="zh-CN"><seg>{ZH[i]}</seg></tuv><tuv xml:lang="en-US"><seg>{EN[i]}</seg></tuv></tu>'
        for i in range(3)
    )
    + "</body></tmx>"
)
XLIFF = (
    '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file source-language="zh" target-language="en" '
    'original="a"><body>'
    + "".join(
        f'<trans-unit id="{i + 1}"><source>{ZH[i]}</source><target>{EN[i]}</target></trans-unit>' for i in range(3)
    )
    + "</body></file></xliff>"
)
XLIFF2 = (
    '<xliff version="2.0" srcLang="zh" trgLang="en" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f">'
    + "".join(
        f'<unit id="{i + 1}"><segment><source>{ZH[i]}</source><target>{EN[i]}</target></segment></unit>'
        for i in range(3)
    )
    + "</file></xliff>"
)


def sgm(kind: str, texts: list[str], **attributes: str) -> str:
    languages = 'srclang="zh"' + (' trglang="en"' if kind != "srcset" else "")
    inside = "".join(f'<seg id="{i + 1}"> {text} </seg>\n' for i, text in enumerate(texts))
    named = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<{kind} setid="t" {languages}>\n<doc docid="d"{named}>\n{inside}</doc>\n</{kind}>\n'
