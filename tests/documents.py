"""Real documents, made with the formats' own libraries, and a PDF by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import docx
import openpyxl
import pptx
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

CITIES = [["City", "Population", "Since"], ["Oslo", "709,000", "1048"], ["Bergen", "289,330", "1070"]]
ROWS = ("- City: Oslo; Population: 709,000; Since: 1048", "- City: Bergen; Population: 289,330; Since: 1070")
LONG = "The tunnel under the harbour opened on Friday, two years later than planned and far over its budget."


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def make_docx() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Harbour plan"
    document.core_properties.author = "Mara Lind"
    document.core_properties.created = datetime(2024, 5, 17, 9, 30)
    document.add_heading("Harbour plan", 0)
    document.add_heading("Costs", 1)
    document.add_paragraph("The plan costs 40 million euros. It was approved.")
    document.add_paragraph("First item", style="List Bullet")
    document.add_paragraph("Second item", style="List Number")
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(table.rows, CITIES, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_heading("The end", 2)
    document.add_paragraph("Last words.")
    return saved(document)


def make_pptx() -> bytes:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Why it took so long"
    slide.placeholders[1].text = "Divers found a wreck\nWork stopped for eleven months"
    slide.notes_slide.notes_text_frame.text = "The mayor agreed."
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Figures"
    place = Inches(1), Inches(2), Inches(4), Inches(2)
    table = slide.shapes.add_table(3, 3, *place).table
    for number, text in enumerate(text for row in CITIES for text in row):
        table.cell(number // 3, number % 3).text = text
    data = CategoryChartData()
    data.categories = ["2021", "2022"]
    data.add_series("Cars", (10.5, 20))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    slide.shapes.add_textbox(*place).text_frame.text = "A text box."
    hidden = presentation.slides.add_slide(presentation.slide_layouts[5])
    hidden.shapes.title.text = "Not shown"
    hidden._element.set("show", "0")
    presentation.core_properties.title = "Tunnel slides"
    return saved(presentation)


def make_charts() -> bytes:
    """One slide with charts of several kinds; the first is one that the library which reads slides does not know."""
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    place = Inches(1), Inches(2), Inches(4), Inches(2)
    ships = CategoryChartData()
    ships.categories = ["Bergen", "Moss", "Narvik"]
    ships.add_series("Ferries", (12, None, 7))
    ships.add_series("Tankers", (3, 4.1 + 4.2, 5))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, ships).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Ships by harbour"
    depths = XyChartData()
    for name, points in (("North basin", [(1, 20), (2.5, 31)]), ("South basin", [(4, 9)])):
        series = depths.add_series(name)
        for x, y in points:
            series.add_data_point(x, y)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *place, depths)
    monthly = CategoryChartData()
    monthly.categories = [date(2024, 1, 1), date(2024, 2, 1)]
    monthly.add_series("Crossings", (1500, 1800))
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, *place, monthly)
    content = saved(presentation)
    name = next(entry for entry in zipfile.ZipFile(io.BytesIO(content)).namelist() if "charts/chart" in entry)
    return altered(content, name, lambda xml: xml.replace(b"c:barChart>", b"c:bar3DChart>"))


def with_waterfall(content: bytes) -> bytes:
    """The presentation with a chart of the kinds of 2016 beside its first slide's shapes."""
    space = (
        '<cx:chartSpace xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><cx:chartData><cx:data id="0">'
        '<cx:strDim type="cat"><cx:f>A</cx:f><cx:lvl ptCount="2"><cx:pt idx="0">Tolls</cx:pt><cx:pt idx="1">Repairs'
        '</cx:pt></cx:lvl></cx:strDim><cx:numDim type="val"><cx:f>B</cx:f><cx:lvl ptCount="2"><cx:pt idx="0">61</cx:pt>'
        '<cx:pt idx="1">-18.5</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich>'
        "<a:p><a:r><a:t>What the bridge earns</a:t></a:r></a:p></cx:rich></cx:tx></cx:title><cx:plotArea>"
        '<cx:plotAreaRegion><cx:series layoutId="waterfall"><cx:tx><cx:txData><cx:v>Crowns</cx:v></cx:txData></cx:tx>'
        '<cx:dataId val="0"/></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart></cx:chartSpace>'
    )
    kind = "http://schemas.microsoft.com/office/2014/relationships/chartEx"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="../charts/chartEx1.xml"/></Relationships>'.encode()
    content = altered(content, "ppt/charts/chartEx1.xml", lambda _: space.encode())
    content = altered(
        content,
        "[Content_Types].xml",
        lambda xml: xml.replace(
            b"</Types>",
            b'<Override PartName="/ppt/charts/chartEx1.xml" '
            b'ContentType="application/vnd.ms-office.chartex+xml"/></Types>',
        ),
    )
    rels = "ppt/slides/_rels/slide1.xml.rels"
    return altered(content, rels, lambda xml: xml.replace(b"</Relationships>", relation))


def make_xlsx() -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Cities"
    sheet.append(["Cities of Norway"])
    sheet.append([])
    for row in (["City", "Population", "Counted", "Share"], ["Oslo", 709000, date(2024, 1, 2), 0.12512]):
        sheet.append(row)
    sheet["D4"].number_format = "0.0%"
    sheet["XFD900000"] = "Far away"
    hidden = workbook.create_sheet("Hidden")
    hidden.append(["Not shown"])
    hidden.sheet_state = "hidden"
    workbook.properties.title = "City figures"
    return saved(workbook)


def archive(entries: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()


def altered(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with one entry changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        entries: dict[str, str | bytes] = {entry: file.read(entry) for entry in file.namelist()}
    entries[name] = change(bytes(entries.get(name, b"")))
    return archive(entries)


def make_epub(chapter: str = "<p>Second&nbsp;chapter.</p>", doctype: str = "<!DOCTYPE html>", more: str = "") -> bytes:
    def page(body: str) -> str:
        return (
            f'<?xml version="1.0" encoding="utf-8"?>{doctype}<html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title/></head><body>{body}</body></html>"
        )

    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in CITIES).replace(
        "td>", "th>", 6
    )
    first = f'<h1>One</h1><a id="x"/><p>First <b>chapter</b>.</p><ul><li>An item</li></ul><table>{table}</table>Loose.'
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
            "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>The Harbour</dc:title>'
            "<dc:creator>Mara Lind</dc:creator><dc:language>en</dc:language><dc:date>2024-05-17</dc:date></metadata>"
            '<manifest><item id="b" href="text/b%20b.xhtml"/><item id="a" href="text/a.xhtml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
            "OEBPS/text/a.xhtml": page(first),
            "OEBPS/text/b b.xhtml": page(f"<h2>Two</h2>{chapter}"),
            **({"META-INF/encryption.xml": more} if more else {}),
        }
    )


def make_pdf(pages: list[str], extra: str = "", info: str = "") -> bytes:
    """A PDF by hand, so that every byte of it is known; each page is a content stream."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{4 + 2 * i} 0 R' for i in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, stream in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            f"/Resources << /Font << /F 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    if info:
        objects.append(f"<< {info} >>")
        extra += f"/Info {len(objects)} 0 R"
    body = "%PDF-1.7\n"
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{written}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {extra} >>\n"
        f"startxref\n{len(body)}\n%%EOF"
    ).encode("latin-1")


def lines(*placed: tuple[float, str], size: int = 12) -> str:
    return "".join(shown(72, y, text, size) for y, text in placed)


def shown(x: float, y: float, text: str, size: int = 12) -> str:
    return f"BT /F {size} Tf {x} {y} Td ({text}) Tj ET\n"


PICTURE = "q 600 0 0 700 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"


MAKERS = {"a.docx": make_docx, "a.pptx": make_pptx, "a.xlsx": make_xlsx, "a.epub": make_epub}
