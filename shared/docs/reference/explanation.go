package reference

// explanation is what people are told about a code. Text between backticks is shown
// as code.
type explanation struct {
	// Means says what the code says, Why how it comes about, and Do what to do about
	// it.
	Means, Why, Do string
}

// explanations are what people are told about each code, except for those of
// [verdicts].
var explanations = map[string]explanation{
	"INVALID_REQUEST": {
		"Something in the request breaks a rule, so nothing was done.",
		"A field, a parameter or a header is missing, unknown, of the wrong kind, too long, or contradicts another.",
		"Read `errors` in the answer: each entry names a `field`, a `code` from the list below, and a sentence. Correct them all and send the request again.",
	},
	"UNAUTHENTICATED": {
		"The request has no valid credential.",
		"The key is missing, incomplete, unknown, deleted, disabled, expired, not yet valid, or belongs to a suspended organization; or a rotation has ended this secret of it. Or the key is where Keyward does not look: in `X-API-Key`, under a scheme other than `Bearer` and `Basic`, as the password of `Basic`, or in two `Authorization` headers. All of these look the same, so that nobody can probe for keys.",
		"Check that the whole key is sent as `Authorization: Bearer KEY`. Then check the key's state in the console or with another key. The operator's log has the reason, under the answer's `requestId`.",
	},
	"FORBIDDEN": {
		"The key is valid, but this operation needs a permission that it does not hold.",
		"The key's permissions, or those of its policy or user, do not include any that the operation takes; or only an `OWNER` may do this.",
		"`GET /v1/whoami` shows what the key holds, and the reference what the operation needs. Use another key, or ask somebody who administers keys to grant the permission.",
	},
	"PERMISSION_NOT_HELD": {
		"You would grant more than you hold, or fewer limits than you have.",
		"Whoever makes, changes, rotates, restores or reveals a key can use what it holds. So nobody can hand out a permission, a policy or a role that goes beyond their own.",
		"`detail` names what you lack. Leave it out, or let somebody do this who holds it.",
	},
	"API_KEY_LIMIT_EXCEEDED": {
		"The organization has as many keys as it may have.",
		"Every key counts that is not deleted, the disabled and the expired ones too.",
		"Delete keys that nobody needs: `GET /v1/apikeys?unusedSince=TIME` finds those that are not used. An `OWNER` can raise `maxKeys` of the organization.",
	},
	"PERSONAL_KEY_LIMIT_EXCEEDED": {
		"The user has as many personal keys as a user may have: 20.",
		"Every personal key of the user counts that is not deleted, the disabled and the expired ones too.",
		"Delete one of the user's keys first.",
	},
	"NOT_FOUND": {
		"There is no such route.",
		"No operation has this path, or the path has no such method. A key in the path or a stage that is missing from the URL has the same effect.",
		"Compare the method and the path with the reference, and the start of the URL with the address of your deployment.",
	},
	"API_KEY_NOT_FOUND": {
		"There is no key with this id.",
		"The key never existed, was deleted, or belongs to another organization; or you may see your own keys only, and it is none of them.",
		"Check the id: it is the `id` of the key, not its text. `GET /v1/apikeys?state=deleted` lists deleted keys, which can be restored for some time.",
	},
	"POLICY_NOT_FOUND":       missing("policy", "GET /v1/policies"),
	"USER_NOT_FOUND":         missing("user", "GET /v1/users"),
	"SERVICE_NOT_FOUND":      missing("service", "GET /v1/services"),
	"PERMISSION_NOT_FOUND":   missing("permission", "GET /v1/permissions"),
	"ORGANIZATION_NOT_FOUND": {"No organization has this id.", "Only an operator sends one, to suspend an organization.", "Check the id. Bootstrap creates an organization."},
	"PREVIOUS_SECRET_NOT_FOUND": {
		"The key has no previous secret that still works.",
		"The key was not rotated, or was rotated without an overlap, or the overlap is over. So there is nothing to end.",
		"Nothing: only the current secret works.",
	},
	"API_KEY_NAME_TAKEN": taken("Another key of the organization has this name.", "A deleted key's name is free again. A request that was sent twice without an `Idempotency-Key` ends here too."),
	"POLICY_NAME_TAKEN":  taken("Another policy of the organization has this name.", ""),
	"USER_EMAIL_TAKEN":   {"Another user of the organization has this e-mail address.", "The address says who signs in as the user, so two users cannot share one. Upper and lower case are the same.", "Use the existing user: `GET /v1/users` lists them. Or send another address."},
	"SERVICE_API_TAKEN":  {"Another service has registered this API.", "An API belongs to one service, of one organization, since its routes decide what keys may do there.", "Add the routes to the service that has the API, or remove the API there first. If that service is of another organization, ask the operator."},
	"IN_USE":             {"Something else depends on it, so it cannot be removed.", "Removing it would break what uses it.", "`detail` says what is in the way. Change that first, then send the request again."},
	"POLICY_IN_USE": {
		"Keys or users have this policy.",
		"With the policy, its keys would be deleted. So you confirm that you mean it. The answer counts what depends on it, and says when its keys were last used.",
		"Give the keys and users another policy first. Or repeat the request with the answer's value: `?confirm=VALUE` deletes the policy and its keys. The value counts for the version of the policy that you were told about.",
	},
	"PERMISSION_IN_USE": {
		"The service would lose a permission that keys, policies or users still hold.",
		"A route without it may then be open to others, or closed to those who use it. The answer counts who holds it.",
		"Take the permission away from them first, or repeat the request with `?force=true`, which removes it everywhere. If damaged records may hold it, the answer names them: delete these first.",
	},
	"PERMISSION_BEING_WITHDRAWN": {
		"The permission was removed, and is still being taken away from those who held it.",
		"Declared again now, it would give them back what was taken from them.",
		"Wait for as long as `Retry-After` says, and send the request again.",
	},
	"LAST_OWNER": {
		"The organization would be left without an `OWNER`.",
		"Only an `OWNER` can change the organization's settings and appoint another one.",
		"Make somebody else an `OWNER` first.",
	},
	"LAST_ADMIN_KEY": {
		"Nobody could administer keys with a key any more.",
		"It is the last key that works and holds `AdministerApiKeys`, or the change would take that from it.",
		"Create another admin key first. To do it all the same, repeat the request with `?force=true`, for your own key or as an `OWNER`. An operator can create a new admin key with `bootstrap`.",
	},
	"API_KEY_NOT_RECOVERABLE": {
		"The whole key cannot be shown again.",
		"The key was not created as `recoverable`, so Keyward keeps a hash of it and no copy.",
		"Rotate the key, which shows its new text once.",
	},
	"API_KEY_NOT_RESTORABLE": {
		"The deleted key cannot be brought back.",
		"Its policy or its user is gone, or the key was reported as leaked.",
		"Create a new key. A leaked key can be rotated only as long as it is not deleted.",
	},
	"API_KEY_NOT_ROTATABLE": {
		"A key in this state is not rotated.",
		"The key is disabled or has expired. A new secret for it would not work either.",
		"Enable the key, or give it a later `expiresOn`, and rotate it then.",
	},
	"PREVIOUS_SECRET_LIVE": {
		"The key's secret from before the last rotation still works.",
		"A key has at most two secrets that work, so that nobody loses track of which are in use.",
		"Wait until it ends, or end it now with `DELETE /v1/apikeys/ID/secrets/previous`.",
	},
	"PRECONDITION_FAILED": {
		"The object is not the one that you decided about.",
		"Somebody changed or deleted it after you read it, so the `ETag` in your `If-Match` is not its current one; or `If-None-Match: *` found that it exists already.",
		"Read the object again, decide again, and send its new `ETag`.",
	},
	"REQUEST_TOO_LARGE": {
		"The body is larger than 256 KiB.",
		"No object of the API is that large: its own limits are lower.",
		"Send less. A key's long list of permissions fits into a policy.",
	},
	"UNSUPPORTED_MEDIA_TYPE": {
		"The `Content-Type` is not one that the operation takes.",
		"The header is missing or names something else. `curl --data` sends a form unless told otherwise.",
		"Send `Content-Type: application/json`; for `POST /v1/introspect`, `application/x-www-form-urlencoded`.",
	},
	"IDEMPOTENCY_KEY_REUSED": {
		"The `Idempotency-Key` stands for another request.",
		"The same text was sent within 24 hours with another body or path, or the key that it created has been deleted since. The same JSON in another order is another body.",
		"Send a new text, such as a UUID. To repeat a request, send exactly the same bytes.",
	},
	"THROTTLED": {
		"The API gets more requests than it takes.",
		"The deployment's throttle, `requestsPerSecond` and `burst`, counts all callers together.",
		"Wait for `Retry-After`, then send the request again, more slowly each time. The operator can raise the throttle.",
	},
	"REQUEST_REFUSED": {
		"The gateway refused the request before any function saw it.",
		"Most often there is no such route: the URL lacks `/v1` or the stage, or the path has no such method. Then API Gateway takes the `Authorization` header for a signature of AWS, and answers 403, although the key is good. Otherwise the request is not valid HTTP for this API.",
		"Check the method, the path, and the start of the URL. For the operator: the gateway's access log has the reason under `requestId`.",
	},
	"INTERNAL": {
		"Keyward has a fault, or could not start.",
		"Nothing is wrong with the request. The cause is in the operator's log, and not in the answer.",
		"Try again. If it happens again, give the operator the answer's `requestId`.",
	},
	"PERMANENT_FAILURE": {
		"Keyward cannot do this, and trying again does not help.",
		"A record is damaged or from a newer version, or the deployment lacks a right.",
		"Give the operator the answer's `requestId`: it finds the cause in the log.",
	},
	"UNAVAILABLE": {
		"Keyward cannot do this now.",
		"A table or a KMS key does not answer, or somebody else changed the same object at the same time. It says nothing about your key: a good key is never refused with 401 in an outage.",
		"Wait for `Retry-After`, then send the request again. With an `Idempotency-Key`, a creation or rotation is done once, however often you send it.",
	},
	// The Supermetrics document's own.
	"API_KEY_ALLOW_IP_INVALID":   {"An address or range in `allow_ips` is not valid.", "It is no IPv4 or IPv6 address and no CIDR range, or a range has bits set beyond its length.", "Correct it: `192.0.2.1` or `192.0.2.0/24`."},
	"API_KEY_SCOPE_NAME_INVALID": {"A scope in `scope_names` does not exist.", "No registered service declares it.", "Send scopes that exist: `GET /v1/permissions` lists them."},
	"API_KEY_USER_INVALID":       {"The user does not exist, or is not of this team.", "No user of the organization has this id.", "Check the id: `GET /v1/users` lists the users."},
	"API_KEY_UPDATE_FAILED":      {"The key could not be updated.", "A dependency failed, or a record is damaged.", "Try again. If it happens again, give the operator the answer's `request_id`."},
}

func missing(what, list string) explanation {
	return explanation{
		"There is no such " + what + ".",
		"It never existed, was removed, or belongs to another organization.",
		"Check the id: `" + list + "` lists what there is.",
	}
}

func taken(means, besides string) explanation {
	why := "Names are unique, so that a name says which one is meant."
	if besides != "" {
		why += " " + besides
	}
	return explanation{means, why, "Send another name, or use the one that exists."}
}
