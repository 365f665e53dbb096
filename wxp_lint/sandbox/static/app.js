"use strict";

const live = document.getElementById("live");
const tell = (text) => { live.textContent = text; };

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
      tell("The Customer ID was copied");
    } catch {
      getSelection().selectAllChildren(source);
      tell("It cannot be copied by the page; it is selected now");
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

const dialog = document.getElementById("transfer");
if (dialog) {
  document.getElementById("open-transfer").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!dialog.open) dialog.showModal();
  });
  document.getElementById("close-transfer").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  if (dialog.open) {  // the page came with it, after a file that was not accepted
    dialog.close();
    dialog.showModal();
    history.replaceState(null, "", location.pathname);
  }
}

const bell = document.getElementById("bell");
const listed = document.querySelector("[data-processing]");
async function look() {
  let news;
  try {
    const answer = await fetch("/notifications/state", { headers: { accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    news = await answer.json();
  } catch {
    return;  // the sandbox has stopped, or comes back
  }
  if (listed && String(news.processing) !== listed.dataset.processing) {
    location.reload();
    return;
  }
  if (String(news.unread) === bell.dataset.unread) return;
  bell.dataset.unread = news.unread;
  bell.querySelector(".mark").hidden = !news.unread;
  bell.setAttribute("aria-label", "Notification Center" + (news.unread ? `, ${news.unread} new` : ""));
  if (news.unread) tell("There is a new notification");
}
if (bell) setInterval(look, 1000);
