// Sends the password that somebody chose, with the token of the link, which stands behind the address's '#'.
"use strict";

const form = document.getElementById("password");
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname + location.search); // it need not stay in the address bar
for (const tongue of document.querySelectorAll(".tongues a")) tongue.hash = token;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button"), fault = document.getElementById("fault");
  button.disabled = true;
  fault.hidden = true;
  let told;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
      body: JSON.stringify({ token, new_password: form.elements.new_password.value }),
    });
    if (answer.ok) {
      form.hidden = true;
      document.getElementById("done").hidden = false;
      return;
    }
    const problem = await answer.json();
    told = problem.errors?.[0]?.message ?? problem.detail;
  } catch {
    // no network, or no answer that can be read
  }
  fault.textContent = told || form.dataset.busy;
  fault.hidden = false;
  button.disabled = false;
});
