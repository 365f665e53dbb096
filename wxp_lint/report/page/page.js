"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const form = at("filters"), files = at("files"), status = at("status"), more = at("more");
  if (!form) return;
  let data;
  let most = 0;
  const load = () => (data ??= JSON.parse(at("data").textContent));
  const number = (count) => count.toLocaleString("en-US");

  const wanted = () => {
    const values = Object.fromEntries(new FormData(form));
    const text = (values.text || "").trim().toLowerCase();
    const kinds = load().kinds.map(([level, code]) => (!values.level || level === values.level) && (!values.rule || code === values.rule));
    const all = !values.level && !values.rule && !values.customer && !text;
    return { all, text, kinds, customer: values.customer ? Number(values.customer) : null };
  };
  const says = (html, text) => !text || html.replace(/<[^>]*>/g, " ").toLowerCase().includes(text);

  // The strings of HTML were escaped where they were made; nothing is put together here but those.
  const show = () => {
    const want = wanted();
    const parts = [];
    let left = most, rows = 0, shown = 0, findings = 0;
    for (const file of load().files) {
      if (want.customer !== null && file.customer !== want.customer) continue;
      const about = file.kinds.filter((kind) => want.kinds[kind]).length;
      const isNamed = want.text && says(file.head, want.text);
      const told = about && (isNamed || says(file.about, want.text)) ? about : 0;
      const kept = file.rows.filter(([, html, ...kinds]) => kinds.some((kind) => want.kinds[kind]) && (isNamed || says(html, want.text)));
      if (!told && !kept.length) continue;
      for (const [, , ...kinds] of kept) findings += kinds.filter((kind) => want.kinds[kind]).length;
      findings += told;
      rows += Math.max(1, kept.length);
      if (left <= 0) continue;
      const here = kept.slice(0, left);
      left -= Math.max(1, here.length);
      shown += Math.max(1, here.length);
      const whole = want.all && here.length === kept.length;
      const drawn = here.map(([before, html]) => (want.all ? before : "") + html).join("") + (whole ? file.after : "");
      parts.push(file.head, told ? file.about : "", drawn ? file.table + drawn + "</table>" : "", "</article>");
    }
    files.innerHTML = parts.join("");
    if (!want.all)
      for (const item of files.querySelectorAll("[data-k]")) item.hidden = !want.kinds[item.dataset.k];
    status.textContent =
      (findings ? `${want.all ? "All " : ""}${number(findings)} ${findings === 1 ? "finding" : "findings"}` : "No finding fits") +
      (shown < rows ? `, the first ${number(shown)} of ${number(rows)} rows` : "");
    more.hidden = shown >= rows;
  };

  let timer;
  const fresh = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      most = load().step;
      show();
    }, 120);
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", fresh);
  form.addEventListener("reset", fresh);
  more.addEventListener("click", () => {
    most = (most || load().step) + load().step;
    show();
  });

  // Paper has no buttons: more rows, and what is folded.
  const paper = () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    if (!more.hidden) {
      most = Math.max(most, 5000);
      show();
    }
  };
  matchMedia("print").addEventListener("change", (event) => event.matches && paper());
  addEventListener("beforeprint", paper);

  form.hidden = false;
  more.hidden = files.dataset.whole !== undefined;
})();
