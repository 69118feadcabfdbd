package reference

import "github.com/keyward/keyward/shared/verify"

// verdicts are what people are told about why a key is refused: the codes of the
// authorizer's 403, and of the answers of POST /v1/verify.
var verdicts = map[verify.Code]explanation{
	verify.CredentialMissing: {
		"There is no credential.",
		"The header `Authorization` is missing or empty. Other headers, such as `X-API-Key`, are not read.",
		"Send the key as `Authorization: Bearer KEY`.",
	},
	verify.CredentialMalformed: {
		"The credential is not the text of a key.",
		"A character is missing or wrong, the scheme is unknown, or the header is there twice. A checksum in each key finds typing errors.",
		"Send the whole key, exactly as it was shown when it was made.",
	},
	verify.KeyUnknown: {
		"The organization has no key with this id.",
		"The key was deleted and can no longer be restored, or is a key of another organization or deployment.",
		"Check to which deployment the key belongs. Create a new key if it is gone.",
	},
	verify.SecretWrong: {
		"The key exists, but this is none of its secrets.",
		"The text is made up, or from a backup that was restored.",
		"Send the key's current text, or rotate the key and use the new one. If none of your programs sent it, somebody is guessing.",
	},
	verify.SecretRetired: {
		"This secret was the key's until it was rotated, and has ended.",
		"Whoever sent it did not get the new one.",
		"Put the key's current text where the old one is still used. The audit log has the address, as `apikey.retired_secret_used`.",
	},
	verify.PepperRetired: {
		"The secret was hashed with a pepper that an operator has retired.",
		"The key was not used between the rotation of the pepper and its retirement, so its hash was not renewed.",
		"Rotate the key and use the new text.",
	},
	verify.KeyDisabled: {
		"The key is disabled.",
		"Somebody disabled it, its user was removed, or it was reported as leaked: `exposure` and the audit log say which.",
		"Enable the key. One that leaked is rotated first.",
	},
	verify.KeyDeleted: {
		"The key was deleted.",
		"Deleted keys are refused, and can be restored for some time.",
		"Restore the key and enable it, if the deletion was a mistake.",
	},
	verify.KeyNotYetValid: {"The key is not valid yet.", "Its `notBefore` is in the future.", "Wait until then, or set an earlier `notBefore`."},
	verify.KeyExpired:     {"The key has expired.", "Its `expiresOn` has passed.", "Set a later `expiresOn`, or create a new key."},
	verify.GrantGone: {
		"What the key has its permissions from no longer exists.",
		"Its policy or its user was removed.",
		"Give the key another policy, or create a new key.",
	},
	verify.OrganizationSuspended: {
		"The organization is suspended.",
		"An operator has stopped it, with all its keys and users.",
		"Ask the operator: ending the suspension brings everything back.",
	},
	verify.TokenRefused: {
		"The access token is not valid, or not for Keyward.",
		"It has expired, is not signed by the configured issuer, or has another audience.",
		"Sign in again. If that does not help, compare the token's `iss` and `aud` with the deployment's settings.",
	},
	verify.UserUnknown: {
		"The access token is valid, but its user is not known to Keyward.",
		"No user of the organization has the token's e-mail address.",
		"Create the user, with this address.",
	},
	verify.OrganizationHost: {
		"The host name belongs to another organization.",
		"With a domain, each organization has a host name of its own, and keys count under their own only.",
		"Call the host name of the key's organization.",
	},
	verify.SourceNotAllowed: {
		"The key cannot be used from this address.",
		"The key has `allowIps`, and the caller's address is not in it or is not known.",
		"Use the key from another network, or add the address to `allowIps`. With `POST /v1/verify`, send the caller's address as `source`.",
	},
	verify.ServiceNotRegistered: {
		"Nobody has registered this API with Keyward.",
		"No service lists this API with its account, region and stage.",
		"Register the API, with `PUT /v1/services/ID` or with the CDK construct.",
	},
	verify.OrganizationNotServed: {
		"The API belongs to another organization.",
		"A key opens the APIs of its own organization only.",
		"Use a key of the organization that registered the API.",
	},
	verify.ServiceNotAllowed: {
		"The key is limited to other services.",
		"The key has `services`, and the one that was called is not among them.",
		"Use another key, or add the service to the key's `services`.",
	},
	verify.RouteNotRegistered: {
		"The service does not list this route.",
		"A route that nobody registered has no permission that could open it.",
		"Add the route to the service, with the permission that it needs.",
	},
	verify.PermissionMissing: {
		"The key holds none of the permissions that the route needs.",
		"The route asks for a permission that neither the key nor its policy or user holds.",
		"Grant one of them, to the key or through what it has its permissions from. `GET /v1/services/ID` shows what each route needs.",
	},
	verify.GatewayCached: {
		"The gateway keeps answers, and one about this key could become wrong.",
		"The gateway would use the answer again for requests that it is not right for, such as from another address.",
		"Let the gateway's cache also count what the key is limited by, or turn the cache off. `gatewayCache` of the service must be what the gateway does.",
	},
}
