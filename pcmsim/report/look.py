"""How a page of HTML looks, on a screen of any width and on paper."""

from pcmsim.report.style import BLACK, BLUE, GREY, LIGHT_GREY, VERMILLION

STYLE = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
body {{
  margin: 0 auto; padding: 1rem; max-width: 84rem;
  font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  color: {BLACK}; background: #fff; overflow-wrap: break-word;
}}
h1 {{ font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0; }}
h2 {{ font-size: 1.25rem; margin: 2.2rem 0 0.5rem; }}
h3 {{ font-size: 1rem; line-height: 1.3; margin: 0; }}
p, ul {{ max-width: 52rem; margin: 0.5rem 0; }}
a {{ color: {BLUE}; }}
code, pre {{ font: 0.9em ui-monospace, "DejaVu Sans Mono", monospace; }}
.quick {{
  max-width: none; padding: 0.6rem 1rem; font-weight: bold;
  border: 2px solid {VERMILLION}; background: #fdf1e7;
}}
.scroll {{ overflow-x: auto; margin: 0.7rem 0; }}
table {{ border-spacing: 0; font-size: 0.9rem; line-height: 1.35; }}
th, td {{
  padding: 0.35rem 0.8rem 0.35rem 0; text-align: left; vertical-align: top; white-space: nowrap;
}}
td {{ font-variant-numeric: tabular-nums; }}
thead th {{ border-bottom: 2px solid {BLACK}; vertical-align: bottom; }}
tbody th, tbody td {{ border-bottom: 1px solid #ddd; }}
tbody th {{ font-weight: normal; background: #fff; position: sticky; left: 0; }}
tbody .group th {{ font-weight: bold; padding-top: 0.9rem; }}
figure thead th {{ white-space: normal; }}
.members td {{ white-space: normal; min-width: 7.5rem; }}
.claims table {{ min-width: 60rem; }}
.claims th, .claims td {{ white-space: normal; }}
.claims td:nth-child(4), .claims td:nth-child(5) {{ white-space: nowrap; }}
.agrees {{ color: {BLUE}; font-weight: bold; }}
.differs {{ color: {VERMILLION}; font-weight: bold; }}
.open {{ color: {GREY}; font-weight: bold; }}
.grid {{
  display: grid; gap: 1.5rem; margin-top: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr));
}}
figure {{
  margin: 0; padding-top: 0.6rem; border-top: 1px solid {LIGHT_GREY}; min-width: 0;
  break-inside: avoid;
}}
img {{ display: block; width: 100%; height: auto; margin-top: 0.4rem; }}
figcaption {{ font-size: 0.9rem; line-height: 1.4; }}
summary {{ cursor: pointer; font-size: 0.9rem; color: {BLUE}; margin-top: 0.3rem; }}
@media print, (max-width: 40rem) {{
  tbody th {{ max-width: 12.5rem; white-space: normal; }}
}}
@media (max-width: 40rem) {{
  .claims table {{ min-width: 0; }}
  .claims thead, .claims td:empty {{ display: none; }}
  .claims tr, .claims tbody, .claims th, .claims td {{
    display: block; position: static; max-width: none; padding: 0.1rem 0; border: 0;
  }}
  .claims tr {{ padding: 0.5rem 0; border-bottom: 1px solid #ddd; }}
  .claims tbody th {{ font-weight: bold; }}
  .claims td::before {{ color: {GREY}; }}
  .claims td:nth-child(2)::before {{ content: "published: "; }}
  .claims td:nth-child(3)::before {{ content: "criterion: "; }}
  .claims td:nth-child(4)::before {{ content: "measured: "; }}
  .claims td:nth-child(5)::before {{ content: "verdict: "; }}
  .claims td:nth-child(6)::before {{ content: "by how much: "; }}
}}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 11pt; }}
  .scroll {{ overflow: visible; }}
  details {{ display: none; }}
  .grid {{ grid-template-columns: 1fr 1fr; }}
}}
"""
