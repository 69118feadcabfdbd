package operations

import (
	"net/http"
	"slices"

	"github.com/keyward/keyward/shared/permission"
)

// The paths at which secret scanners report leaked keys, each in a form of its
// own.
const (
	GitHubExposures  = "/v1/exposures/github"
	GitLabTypes      = "/v1/exposures/gitlab/revocable_token_types"
	GitLabRevocation = "/v1/exposures/gitlab/revoke_tokens"
)

// secrets returns the operations on the secrets of keys.
func secrets() []Operation {
	return []Operation{
		{
			Name: "rotate-apikey", Summary: "Give an API key a new secret. Only this answer shows the whole key, unless it is recoverable",
			Routes:      []Route{selfRotation(http.MethodPost, "/v1/apikeys/{id}/rotate", http.StatusOK)},
			Environment: textEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, CheckItem),
				items(PepperItems, Query),
				auditAppend, copies(PutItem), throughTableKey, on(PepperKey, Decrypt), sealing(Encrypt, Copies, Outcomes), sealing(Decrypt, Outcomes),
			},
		},
		{
			Name: "delete-previous-secret", Summary: "End the overlap of a rotation: the API key's previous secret stops working",
			Routes:      []Route{selfRotation(http.MethodDelete, "/v1/apikeys/{id}/secrets/previous", http.StatusNoContent)},
			Environment: readEnvironment,
			Access:      writer(items(KeyItems, BatchGetItem, PutItem, CheckItem), items(OrgItems, BatchGetItem, CheckItem)),
		},
		{
			// The Supermetrics document reveals a key through a parameter of the route
			// that gets a key. That route is here and not at get-apikey, so that only one
			// function can decrypt a copy.
			Name: "reveal-apikey", Summary: "Show a whole recoverable API key, after recording that in the audit log",
			Routes: []Route{
				canonical(http.MethodPost, "/v1/apikeys/{id}/reveal", http.StatusOK, permission.RevealAPIKeys),
				supermetrics(http.MethodGet, supermetricsKeyID, http.StatusOK, scopedReads...),
			},
			Environment: copyEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, CheckItem),
				items(OrgItems, BatchGetItem, CheckItem),
				auditAppend, copies(GetItem), throughTableKey, sealing(Decrypt, Copies),
			},
		},
	}
}

// exposures returns the operation that reports leaked keys.
func exposures() []Operation {
	return []Operation{
		{
			Name: "report-exposure", Summary: "Report that a key has leaked. The text of the key is the only proof that is needed",
			Routes: []Route{
				canonical(http.MethodPost, "/v1/exposures", http.StatusAccepted),
				named("github-report-exposure", "Report keys that GitHub's secret scanning found, in GitHub's form", canonical(http.MethodPost, GitHubExposures, http.StatusOK)),
				named("gitlab-revocable-token-types", "List the types of tokens that GitLab may report, in GitLab's form", canonical(http.MethodGet, GitLabTypes, http.StatusOK)),
				named("gitlab-revoke-tokens", "Report keys that GitLab's secret detection found, in GitLab's form", canonical(http.MethodPost, GitLabRevocation, http.StatusNoContent)),
			},
			Public:      true,
			Environment: append(slices.Clone(mintEnvironment), EnvGitHubKeys),
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem),
				items(OrgItems, BatchGetItem, CheckItem),
				items(PepperItems, Query),
				auditAppend, throughTableKey, on(PepperKey, Decrypt),
			},
		},
	}
}
