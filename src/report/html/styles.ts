import { properties } from "./palette.js";

/** The page's only style sheet. Prints are always light. */
export const styles = `
:root{${properties("light")};color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{${properties("dark")}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 16px}
header{padding-top:20px}
h1{font-size:1.5rem;margin:0 0 4px}
h2{font-size:1.25rem;margin:40px 0 4px;padding-top:12px;border-top:1px solid var(--line);overflow-wrap:anywhere}
h3{font-size:1rem;margin:24px 0 8px}
p{margin:4px 0 8px;max-width:75ch}
a{color:var(--main)}
code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
.quiet,figcaption,footer{color:var(--muted)}
.facts{margin:4px 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px}
.facts b{font-variant-numeric:tabular-nums}
.notes{border-left:3px solid var(--second);padding-left:12px}
nav ul{padding:0;margin:8px 0;list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;font-size:14px}
.charts,.tiles{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));align-items:start}
.tiles{grid-template-columns:repeat(auto-fill,minmax(160px,1fr));gap:8px}
figure{margin:0;padding:8px;background:var(--card);border-radius:6px;break-inside:avoid}
.charts figure{max-width:480px}
figcaption{font-size:13px;line-height:1.35;margin-bottom:4px;overflow-wrap:anywhere}
figcaption b{color:var(--ink);font-weight:600}
svg{display:block;width:100%;height:auto}
svg text:not([fill]){fill:var(--muted)}
svg text{font:11px sans-serif;dominant-baseline:central}
.key{display:inline-block;width:18px;height:0;border-top:3px solid;vertical-align:middle;margin:0 4px 0 10px}
.key:first-child{margin-left:0}
.main{color:var(--main)}.second{color:var(--second)}.faint{color:var(--faint)}.max{color:var(--line)}
.dashed{border-top-style:dashed}
.scroll{overflow-x:auto;max-width:100%;margin-top:12px}
table{border-collapse:collapse;font-size:14px;min-width:min(100%,420px)}
th,td{text-align:left;padding:3px 14px 3px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;white-space:nowrap}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td code{white-space:pre-wrap}
td:first-child code{white-space:nowrap;overflow-wrap:normal}
.results caption{text-align:left;font-weight:600;padding:4px 0}
.results :is(th,td){text-align:right;padding-right:10px;white-space:nowrap}.results .text{text-align:left}
.results tbody{border-top:1px solid var(--muted)}.results .state{color:var(--muted)}.results .ours{font-weight:600}
details{margin:16px 0}
summary{cursor:pointer;font-weight:600}
footer{padding-top:24px;padding-bottom:32px;font-size:13px}
@media screen and (max-width:420px){.tiles{grid-template-columns:1fr 1fr}}
@media print{
th,td:first-child code{white-space:normal;overflow-wrap:anywhere}
body{font-size:10pt}main,header,footer{max-width:none;padding:0}nav{display:none}
h2{break-before:auto;break-after:avoid}h3,summary{break-after:avoid}
.scroll{overflow:visible}table{font-size:8.5pt}tr{break-inside:avoid}
.charts{grid-template-columns:repeat(2,1fr)}.tiles{grid-template-columns:repeat(4,1fr)}
figure{border:1px solid var(--line);background:none}
details::details-content{content-visibility:visible;display:block;height:auto}
}
`;
