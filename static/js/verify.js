// Compares a chosen or dropped PDF with the SHA-256 of the issued one. The file never leaves the device.
(() => {
  const part = document.querySelector("[data-compare]");
  if (!part || !window.crypto || !crypto.subtle) return;
  const answer = part.querySelector("[role=status]");
  const say = (word) => {
    answer.textContent = part.dataset[word];
    answer.classList.toggle("st-over", word !== "same");
  };
  const compare = async (file) => {
    answer.textContent = "";
    if (!file) return;
    try {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
      say(hex === part.dataset.sha256 ? "same" : "other");
    } catch {
      say("unread");
    }
  };
  part.hidden = false;
  part.querySelector("input[type=file]").addEventListener("change", (event) => compare(event.target.files[0]));
  part.addEventListener("dragover", (event) => event.preventDefault());
  part.addEventListener("drop", (event) => {
    event.preventDefault();
    compare(event.dataTransfer.files[0]);
  });
})();
