/** The style sheet of the report: light and dark, on screen and paper. */
import type { Html } from './html';

export const styles: Html = {
  html: `
:root{color-scheme:light dark;--ink:#1c2330;--soft:#5b6475;--paper:#fff;--rule:#d9dee7;--pam:#0b6e4f;--c1:#c2410c;--c2:#7c3aed;--c3:#0369a1;--c4:#a16207;--c5:#be185d;--c6:#4b5563;--band:#0b6e4f}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#9aa4b5;--paper:#12161d;--rule:#2c3442;--pam:#34d399;--c1:#fb923c;--c2:#a78bfa;--c3:#38bdf8;--c4:#facc15;--c5:#f472b6;--c6:#cbd5e1;--band:#34d399}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:860px;padding:1.5rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;margin:0}h2{border-top:1px solid var(--rule);padding-top:1.2rem;margin-top:2rem}h3{margin:1.8rem 0 .4rem}
.verdict{font-size:1.15rem;font-weight:600}.note,header p{color:var(--soft);font-size:.9rem}
svg{width:100%;height:auto;display:block}.legend{display:flex;flex-wrap:wrap;gap:.3rem 1rem;font-size:.85rem;color:var(--soft)}
.key{display:inline-flex;align-items:center;gap:.35rem}.key svg{width:22px}
figure{margin:.8rem 0 1.4rem}figcaption{font-size:.9rem;color:var(--soft)}
.grid{stroke:var(--rule);stroke-width:1}.tick{font-size:11px;fill:var(--soft)}.axis{font-size:12px;fill:var(--soft)}
.end{text-anchor:end}.middle{text-anchor:middle}
.line{fill:none;stroke-width:1.6;stroke:currentColor}circle{fill:currentColor}
.policy-0{color:var(--pam);stroke-width:3}.policy-1{color:var(--c1)}.policy-2{color:var(--c2)}.policy-3{color:var(--c3)}.policy-4{color:var(--c4)}.policy-5{color:var(--c5)}.policy-6{color:var(--c6)}.policy-other{color:var(--soft)}
.policy-1{stroke-dasharray:7 3}.policy-2{stroke-dasharray:2 3}.policy-3{stroke-dasharray:9 3 2 3}.policy-4{stroke-dasharray:4 4}.policy-5{stroke-dasharray:12 4}.policy-6{stroke-dasharray:1 4}circle{stroke-dasharray:none;stroke:none}.faint{opacity:.4}
.line.actual{color:var(--ink);stroke-width:1.4}.line.peak{color:var(--soft);stroke-dasharray:3 3;stroke-width:1.1}.line.capacity{color:var(--c1);stroke-width:2}.line.planned{color:var(--c2);stroke-width:1.3;stroke-dasharray:6 3}
.band-90{fill:var(--band);opacity:.42}.band-95{fill:var(--band);opacity:.27}.band-99{fill:var(--band);opacity:.15}.band-plain{fill:var(--soft);opacity:.15}
table{border-collapse:collapse;width:100%;margin:.8rem 0;font-size:.88rem;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
caption{text-align:left;white-space:normal;color:var(--soft);padding-bottom:.3rem}th,td{padding:.25rem .6rem .25rem 0;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th:first-child{text-align:left;font-weight:500}thead th{color:var(--soft);font-weight:600;white-space:normal;vertical-align:bottom}summary{cursor:pointer;padding:.3rem 0}
a{color:inherit}a:focus-visible,summary:focus-visible{outline:2px solid var(--pam);outline-offset:2px}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:11pt}details::details-content{content-visibility:visible;block-size:auto}h2,h3,summary{break-after:avoid}figure,svg,tr,.legend{break-inside:avoid}section+section{break-before:page}table{display:table;font-size:8pt}th,td{white-space:normal}*{print-color-adjust:exact}}
`,
};
