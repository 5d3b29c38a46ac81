// An identity provider as an agency runs one, for tests: node oidc_provider.mjs PORT REDIRECT_URI
// Whoever is named by ?login_hint signs in at once, as one of the people below.
import Provider from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = {
  lena: { email: "lena.learner@example.org", email_verified: true, given_name: "Lena", family_name: "Learner" },
  impostor: { email: "lena.learner@example.org", email_verified: true, given_name: "Not", family_name: "Lena" },
  numbered: { email: "somebody@elsewhere.example", email_verified: false, name: "Lena Learner", employee_number: "4711" },
  newcomer: { email: "new.comer@county.example", email_verified: true, given_name: "New", family_name: "Comer" },
  unproved: { email: "un.proved@county.example", email_verified: false, given_name: "Un", family_name: "Proved" },
  foreign: { email: "for.eign@other.example", email_verified: true, given_name: "For", family_name: "Eign" },
};

const provider = new Provider(issuer, {
  clients: [{ client_id: "lantern", client_secret: "a-secret-for-tests", redirect_uris: [redirect] }],
  claims: {
    openid: ["sub", "employee_number"],
    email: ["email", "email_verified"],
    profile: ["given_name", "family_name", "name"],
  },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  findAccount: (_context, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ["keys of a test"] },
});
provider.use(async (context, next) => {
  if (!context.path.startsWith("/interaction/")) return next();
  const { prompt, params, session, grantId } = await provider.interactionDetails(context.req, context.res);
  if (params.login_hint === "cancels") {
    return provider.interactionFinished(context.req, context.res, { error: "access_denied" });
  }
  if (prompt.name === "login") {
    return provider.interactionFinished(context.req, context.res, { login: { accountId: params.login_hint } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope("openid email profile");
  return provider.interactionFinished(context.req, context.res, { consent: { grantId: await grant.save() } });
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
