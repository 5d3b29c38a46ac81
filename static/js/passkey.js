// Ties the passkey button of a page to allauth's functions, and says so when the browser gave no passkey. The button stands
// hidden on a page without script, and in a browser that knows no passkeys.
(() => {
  const button = document.querySelector("[data-passkey]");
  const { passkey, credential, passwordless } = button.dataset;
  const refusal = document.querySelector("[data-passkey-refused]");
  if (!window.PublicKeyCredential) return;
  button.hidden = false;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    refusal.hidden = false;
    refusal.focus();
  });
  window.allauth.webauthn.forms[passkey]({
    ids: {
      add: button.id,
      authenticate: button.id,
      login: button.id,
      credential,
      passwordless,
      data: "passkey-data",
    },
  });
})();
