/** The look of every report. Sizes in rem, so that the reader's own font size counts. */
export const pageCss = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:4.5rem}
body{margin:0;background:var(--ground);color:var(--text);font-size:1rem;line-height:1.55;font-feature-settings:"cv05","ss03";-webkit-font-smoothing:antialiased}
h1,h2,h3,p,ul,dl,dd,figure,pre{margin:0}
a{color:var(--accent);text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.page{max-width:72rem;margin:0 auto;padding:0 1.5rem 5rem}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--surface);padding:.5rem 1rem;z-index:9}
.topbar{position:sticky;top:0;z-index:5;background:color-mix(in srgb,var(--ground) 88%,transparent);backdrop-filter:blur(10px);border-bottom:1px solid var(--line)}
.topbar>div{max-width:72rem;margin:0 auto;padding:.6rem 1.5rem;display:flex;align-items:center;gap:1.5rem}
.brand{font-weight:700;letter-spacing:-.01em;white-space:nowrap}
.topbar nav{display:flex;gap:1.1rem;overflow-x:auto;flex:1;scrollbar-width:none;font-size:.875rem}
.topbar nav a{color:var(--muted);text-decoration:none;white-space:nowrap;padding:.3rem 0}
.topbar nav a:hover{color:var(--text)}
.topbar button{font:inherit;font-size:.8125rem;color:var(--muted);background:none;border:1px solid var(--line);border-radius:99px;padding:.25rem .8rem;cursor:pointer;white-space:nowrap}
.topbar button:hover{color:var(--text);border-color:var(--muted)}
.hero{padding:3.5rem 0 1rem}
.kicker{color:var(--muted);font-size:.875rem;font-weight:500}
h1{font-size:clamp(1.75rem,1.1rem + 2.4vw,2.75rem);line-height:1.15;letter-spacing:-.026em;font-weight:680;max-width:30ch;margin:.7rem 0 1.1rem;text-wrap:balance}
.explanation{max-width:68ch;color:var(--muted);font-size:1.0625rem}
.claim{max-width:68ch;margin-bottom:.9rem}
.claim strong{color:var(--muted);font-weight:500;margin-right:.35rem}
.claim strong::after{content:":"}
.explanation .chip{margin-right:.6rem}
.chip{display:inline-block;font-size:.8125rem;font-weight:600;line-height:1;padding:.38rem .7rem;border-radius:99px;vertical-align:.08em;white-space:nowrap;background:var(--sunken);color:var(--muted)}
.whole{white-space:nowrap}
.chip.good{background:var(--good-ground);color:var(--good)}
.chip.warning{background:var(--warning-ground);color:var(--warning)}
.chip.alert{background:var(--alert-ground);color:var(--alert)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,11rem),1fr));gap:1.5rem;margin:2.4rem 0 0;padding:1.5rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
.tile dt{color:var(--muted);font-size:.875rem}
.tile .figure{display:block;font-size:2.25rem;line-height:1.2;font-weight:640;letter-spacing:-.03em;font-variant-numeric:tabular-nums}
.tile .note{display:block;color:var(--muted);font-size:.8125rem}
.contenders{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1.25rem;margin-top:2rem}
.contender,.chart,.table-wrap,.notice,.facts,pre{background:var(--surface);border:1px solid var(--line);border-radius:12px}
.contender{padding:1.4rem 1.5rem}
.contender h2{font-size:1rem;font-weight:600;margin:0;letter-spacing:0}
.readings{display:flex;flex-wrap:wrap;gap:.25rem 2.25rem;margin:.5rem 0 .9rem}
.readings .figure{font-size:2rem;line-height:1.25;font-weight:640;letter-spacing:-.028em;font-variant-numeric:tabular-nums}
.readings .unit{display:block;color:var(--muted);font-size:.875rem}
.bar{display:block;height:8px;border-radius:99px;background:var(--sunken);overflow:hidden}
.bar>span{display:block;height:100%;border-radius:99px}
.bar .c1{background:var(--c1)}.bar .c2{background:var(--c2)}.bar .c3{background:var(--c3)}.bar .c4{background:var(--c4)}.bar .c5{background:var(--c5)}.bar .c6{background:var(--c6)}
.contender dl{margin-top:1.1rem;font-size:.9063rem}
.contender dl>div{display:grid;grid-template-columns:min(9.5rem,36%) 1fr;gap:1rem;padding:.38rem 0}
.contender dt{color:var(--muted)}
section{padding-top:3.5rem}
section>h2{font-size:1.5rem;line-height:1.25;letter-spacing:-.02em;font-weight:660}
section>h2+*{margin-top:.5rem}
.lead{color:var(--muted);max-width:70ch}
section>*+.columns,section>*+.chart,section>*+.table-wrap,section>*+.facts,section>*+.notice,section>*+pre,section>*+.tiles,section>*+.more,.more>.table-wrap{margin-top:1.25rem}
section>p:not(.lead){max-width:70ch;margin-top:.8rem}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:1.25rem}
.columns>*{min-width:0}
.chart{padding:1.25rem 1.25rem .9rem;display:flex;flex-direction:column}
.chart figcaption strong{display:block;font-weight:600}
.chart figcaption span{display:block;color:var(--muted);font-size:.875rem;max-width:80ch}
.chart figcaption{flex:1}
.canvas{position:relative;height:20rem;margin-top:.9rem}
.picture svg{display:block;width:100%;max-width:46rem;height:auto;margin:.9rem auto .35rem;overflow:visible}
details summary{cursor:pointer;color:var(--muted);font-size:.8125rem;padding:.4rem 0;width:fit-content}
details .table-wrap{max-height:18rem;overflow:auto;margin-top:.4rem}
.table-wrap{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9063rem}
caption{text-align:left;font-weight:600;padding:1rem 1.25rem .5rem}
th,td{text-align:left;padding:.55rem 1.25rem;border-top:1px solid var(--line);vertical-align:top;font-weight:400}
thead th{color:var(--muted);font-size:.8125rem;font-weight:500;border-top:0;white-space:nowrap;vertical-align:bottom}
tbody th{font-weight:500}
.numeric{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.facts{padding:.4rem 1.25rem}
.facts>div{display:grid;grid-template-columns:13rem 1fr;gap:.25rem 1.5rem;padding:.6rem 0;border-top:1px solid var(--line);font-size:.9375rem}
.facts>div:first-child{border-top:0}
.facts dt{color:var(--muted)}
.facts dd{overflow-wrap:anywhere;max-width:75ch}
.notice{padding:1rem 1.25rem;border-left-width:4px}
.notice ul{padding-left:1.2rem;margin-top:.35rem;font-size:.9375rem}
.notice.alert{border-left-color:var(--alert)}.notice.alert>strong{color:var(--alert)}
.notice.warning{border-left-color:var(--warning)}.notice.warning>strong{color:var(--warning)}
.notice.good{border-left-color:var(--good)}.notice.good>strong{color:var(--good)}
.meter{display:inline-block;width:7rem;height:6px;border-radius:99px;background:var(--sunken);overflow:hidden;vertical-align:.12em;margin-right:.6rem}
.meter>span{display:block;height:100%;background:var(--c1);border-radius:99px}
pre{padding:1rem 1.25rem;overflow-x:auto;font-size:.875rem;line-height:1.5}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
footer{margin-top:4rem;padding-top:1.25rem;border-top:1px solid var(--line);color:var(--muted);font-size:.8125rem}
@media (max-width:40rem){
.page,.topbar>div{padding-left:1rem;padding-right:1rem}
.topbar>div{gap:1rem}
.hero{padding-top:2rem}
.facts>div,.contender dl>div{grid-template-columns:1fr;gap:0}
.chart{padding:1rem .75rem .6rem}
.canvas{height:16rem}
th,td{padding-left:.8rem;padding-right:.8rem}
caption{padding-left:.8rem;padding-right:.8rem}
tbody th{min-width:7.5rem}
tbody td:last-child:not(.numeric){min-width:9rem}
.tile .figure{font-size:1.75rem}
.tiles{grid-template-columns:1fr 1fr}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{
body{background:none;font-size:10pt}
.topbar,.chart details,details.more{display:none}
.page{max-width:none;padding:0}
section{padding-top:1.5rem}
.hero{padding-top:0}
.contender,.chart,.notice,table,tr{break-inside:avoid}
.canvas{height:15rem}
h2{break-after:avoid}
}
`;
