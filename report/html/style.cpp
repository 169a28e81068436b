#include "report/html/page.hpp"

namespace untrack::html {
namespace {

// Colours are names that both schemes define, so that no rule below knows which one it is in. Each
// pair of text and background that occurs has a contrast of 4.5 to 1 or more.
constexpr std::string_view rules = R"css(:root{
--page:#f7f8f8;--card:#ffffff;--sunk:#f0f2f3;--ink:#1c2127;--soft:#515b66;--line:#dbe0e4;--link:#17588f;
--good:#17623f;--good-in:#e3f2e9;--caution:#7a4e00;--caution-in:#faefd6;--bad:#a01f2c;--bad-in:#fbe6e7;
--tracked:#1d4f91;--tracked-in:#e2ecf8;--plain:#47515c;--plain-in:#e9edf0;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","DejaVu Sans",sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--page:#13171b;--card:#1a1f25;--sunk:#20262d;--ink:#e2e6ea;--soft:#a3adb8;--line:#333b44;--link:#86bdf2;
--good:#7fd0a3;--good-in:#16332a;--caution:#e6bb63;--caution-in:#3a2e14;--bad:#f4949a;--bad-in:#43212a;
--tracked:#8fbdf5;--tracked-in:#1c3050;--plain:#b4bec8;--plain-in:#2a323a}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:82rem;padding:2rem 1rem 3rem;background:var(--page);color:var(--ink);
font:16px/1.55 var(--sans);overflow-wrap:anywhere}
header{margin-bottom:2rem}
h1{font-size:1.75rem;line-height:1.25;font-weight:650;letter-spacing:-.012em;margin:.35rem 0 .6rem;max-width:60rem;text-wrap:balance}
h2{font-size:1.2rem;line-height:1.3;font-weight:650;margin:0 0 .7rem}
h3{font-size:1rem;font-weight:650;margin:1.4rem 0 .5rem}
p{margin:.4rem 0;max-width:52rem}
section{margin-top:2.6rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code,pre,.mono{font-family:var(--mono);font-size:.86em}
.kicker{color:var(--soft);font-size:.88rem;margin:0}
.lead{font-size:1.06rem;color:var(--soft);max-width:60rem}
.soft{color:var(--soft)}
.kind{white-space:nowrap}
h3 .small{font-weight:400}
.small{font-size:.88rem}
.chip{display:inline-block;padding:.05em .6em;border-radius:1em;font-size:.8rem;line-height:1.5;font-weight:600;white-space:nowrap}
.good{color:var(--good);background:var(--good-in)}
.caution{color:var(--caution);background:var(--caution-in)}
.bad{color:var(--bad);background:var(--bad-in)}
.tracked{color:var(--tracked);background:var(--tracked-in)}
.plain{color:var(--plain);background:var(--plain-in)}
.cards{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr))}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem}
.card h2{font-size:1rem;margin:0 0 .3rem;display:flex;gap:.6rem;align-items:center;flex-wrap:wrap}
.card p{margin:.25rem 0;font-size:.92rem}
.card .big{font-size:1.35rem;font-weight:650;line-height:1.2;margin:.1rem 0}
dl.names{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem 1rem;margin:.8rem 0;font-size:.9rem}
dl.names dt{font-family:var(--mono);font-size:.86em;line-height:1.75}
dl.names dd{margin:0;color:var(--soft)}
ul{padding-left:1.2rem;margin:.4rem 0;max-width:52rem}
li{margin:.2rem 0}
table{border-collapse:collapse;width:100%;font-size:.9rem;background:var(--card);border:1px solid var(--line)}
table+p{margin-top:.6rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th{text-align:left;font-size:.8rem;font-weight:600;color:var(--soft);background:var(--sunk);vertical-align:bottom}
th,td{padding:.42rem .75rem;border-bottom:1px solid var(--line)}
th{overflow-wrap:break-word}th[scope=row]{vertical-align:top;white-space:nowrap}td{vertical-align:top;overflow-wrap:break-word}td code{overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
details.fold{margin:.6rem 0}
summary{cursor:pointer}
details.fold>summary{color:var(--link);font-size:.9rem;padding:.2rem 0}
pre{margin:.6rem 0;padding:.8rem 1rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem;line-height:1.5;white-space:pre-wrap}
figure{margin:.8rem 0}
figcaption{color:var(--soft);font-size:.88rem;margin-top:.5rem;max-width:52rem}
.plots{display:grid;gap:1.4rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr))}
.plots figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.9rem 1rem}
.plots h3{margin:0 0 .5rem}
svg{display:block;width:100%;height:auto;font-family:var(--sans)}
svg text{fill:var(--ink)}
svg .m{font-family:var(--mono)}
svg .s{fill:var(--soft)}
svg .h{font-weight:650}
svg a text{fill:var(--link);text-decoration:underline}
svg .panel{fill:var(--sunk);stroke:var(--line)}
svg .box{fill:var(--card);stroke:var(--line)}
svg .way{fill:none;stroke:var(--soft);stroke-width:1.6}
svg .tip{fill:var(--soft)}
svg .grid{stroke:var(--line);stroke-width:1}
svg .axis{stroke:var(--soft);stroke-width:1}
svg .fg{fill:var(--good)}svg .fc{fill:var(--caution)}svg .fb{fill:var(--bad)}svg .ft{fill:var(--tracked)}svg .fp{fill:var(--plain)}
svg .ig{fill:var(--good-in)}svg .ic{fill:var(--caution-in)}svg .ib{fill:var(--bad-in)}svg .it{fill:var(--tracked-in)}svg .ip{fill:var(--plain-in)}
svg .lg{stroke:var(--good)}svg .lc{stroke:var(--caution)}svg .lb{stroke:var(--bad)}svg .lt{stroke:var(--tracked)}svg .lp{stroke:var(--plain)}
svg .curve{fill:none;stroke-width:2.2;stroke-linejoin:round}
svg .dash{stroke-dasharray:6 4}
svg .dots{stroke-dasharray:2 3}
.narrow{display:none}
.code{background:var(--card);border:1px solid var(--line);border-radius:.5rem;overflow:hidden;font-size:.9rem}
.l{display:grid;grid-template-columns:3.6rem minmax(0,1fr)}
.l>a,.l>span{color:var(--soft);text-decoration:none;text-align:right;padding-right:.8rem;font:.78rem/1.6 var(--mono);user-select:none}
.l>a:hover{text-decoration:underline}
.l code{font-size:.8rem;line-height:1.6;white-space:pre-wrap;padding:0 .8rem 0 2ch;text-indent:-2ch;min-height:1.28rem;unicode-bidi:isolate}
.l:target,.l:target .n{background:var(--caution-in)}
.rem{color:var(--soft)}
.hit{background:var(--sunk)}
u{text-decoration-thickness:2px;text-underline-offset:3px;text-decoration-skip-ink:none}
u.bad,u.caution,u.plain{background:none;color:inherit}
u.bad{text-decoration-color:var(--bad)}u.caution{text-decoration:underline wavy var(--caution)}u.plain{text-decoration:underline dotted 2px var(--plain)}
.ctl{font-weight:600;color:var(--bad);background:var(--bad-in);border-radius:2px}
.gap{color:var(--soft);font-size:.82rem;padding:.3rem .8rem .3rem 3.6rem;background:var(--sunk);border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
.notes{padding:.3rem .8rem .5rem 3.6rem;background:var(--sunk)}
.f{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--plain);border-radius:.3rem;margin:.25rem 0;padding:.35rem .7rem;font-size:.84rem;line-height:1.45}
.f.bad{border-left-color:var(--bad)}.f.caution{border-left-color:var(--caution)}
.f.bad,.f.caution,.f.plain{background:var(--card);color:var(--ink)}
.f p{margin:.3rem 0}
.f .why{color:var(--soft)}
.f>summary b{font-weight:650}
.f.bad>summary b{color:var(--bad)}.f.caution>summary b{color:var(--caution)}.f.plain>summary b{color:var(--plain)}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.pair>div+div{border-left:1px solid var(--line)}
.pair .l{grid-template-columns:3.1rem minmax(0,1fr)}
.old .l{background:var(--bad-in)}.new .l{background:var(--good-in)}
.old .l>span,.new .l>span{color:var(--ink)}
.pair .void{background:var(--sunk)}
.sides{display:grid;grid-template-columns:1fr 1fr;font-size:.82rem;font-weight:600;color:var(--soft);background:var(--sunk);border-bottom:1px solid var(--line)}
.sides span{padding:.35rem .8rem}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem;color:var(--soft);font-size:.82rem}
.at{color:var(--soft);font-variant-numeric:tabular-nums}.at::after{content:":"}
.seg{display:flow-root}
@media (min-width:64rem){
.plots figure:first-child{grid-row:span 2}
.code.margin{background:linear-gradient(to left,var(--sunk) 26rem,var(--card) 26rem)}
.seg{padding-right:26rem}
.seg>.notes{float:right;clear:right;width:26rem;margin-right:-26rem;padding:.15rem .6rem .15rem;background:none}
body{padding-left:2rem;padding-right:2rem}}
@media (max-width:63.99rem){.at{display:none}}
@media screen and (max-width:60rem){.wide{display:none}.narrow{display:block;max-width:32rem;margin:0 auto}}
@media screen and (max-width:48rem){
body{padding-top:1.2rem;font-size:15px}
h1{font-size:1.4rem}
table,tbody,tr,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table{border:0;background:none}
tr{background:var(--card);border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.35rem 0}
td,tr:last-child td{border:0;padding:.18rem .8rem;display:grid;grid-template-columns:7.2rem minmax(0,1fr);gap:.6rem}
td::before{content:attr(data-name);color:var(--soft);font-size:.8rem;line-height:1.75;overflow-wrap:normal}
td[data-name=""]{grid-template-columns:minmax(0,1fr)}
td[data-name=""]::before{content:none}
th[scope=row]{display:block;background:none;border:0;padding:.18rem .8rem}
td.num{text-align:left;white-space:normal}
td.none{display:none}
dl.names{grid-template-columns:minmax(0,1fr)}dl.names dd{margin-bottom:.4rem}
.l{grid-template-columns:2.6rem minmax(0,1fr)}
.l>a,.l>span{padding-right:.5rem}
.notes{padding-left:.6rem}.gap{padding-left:2.6rem}
.pair{grid-template-columns:minmax(0,1fr)}
.pair .l{grid-template-columns:2.6rem minmax(0,1fr)}
.pair>div+div{border-left:0}
.pair .void,.pair .again,.sides{display:none}
.plots figure{padding:.7rem .6rem}}
@media print{
:root{--page:#fff;--card:#fff;--sunk:#f4f5f6;--ink:#000;--soft:#444b52;--line:#c9ced3;--link:#17588f;
--good:#17623f;--good-in:#e3f2e9;--caution:#7a4e00;--caution-in:#faefd6;--bad:#a01f2c;--bad-in:#fbe6e7;
--tracked:#1d4f91;--tracked-in:#e2ecf8;--plain:#47515c;--plain-in:#e9edf0}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{max-width:none;padding:0;font-size:10pt}
h1{font-size:17pt}h2,h3{break-after:avoid}
section{margin-top:1.6rem}
.wide{display:none}.narrow{display:block;max-width:8.5cm;margin:0 auto}
.plots{display:block}.plots figure{max-width:12cm;margin:0 0 1rem}
.card,.f,tr,figure{break-inside:avoid}
a{text-decoration:none;color:inherit}
details>summary{list-style:none}}
)css";

}  // namespace

std::string_view style_sheet() { return rules; }

}  // namespace untrack::html
