package apigw

import (
	"context"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/operations"
)

// Signatures checks who signed a report of leaked keys. Its errors are
// [apikey.Invalid], which names the header at fault, and [apikey.Unavailable].
type Signatures interface {
	// Check checks the signature of a body, exactly as it was sent, with the key of
	// that identifier.
	Check(ctx context.Context, identifier, signature string, body []byte) error
}

var canonicalExposures = endpointGroup{endpoints: map[string]Endpoint{"report-exposure": {
	action: on(reportExposure),
	Paths: map[string]Endpoint{
		operations.GitHubExposures: {action: onMatches(checkGitHub, reportGitHub), Note: "The headers must carry GitHub's signature of the body.", Headers: []Parameter{
			{Name: operations.GitHubIdentifierHeader, Description: "The key with which GitHub signed the body."},
			{Name: operations.GitHubSignatureHeader, Description: "The ECDSA P-256 signature of the body, in base64."},
		}},
		operations.GitLabTypes:      {action: on(listGitLabTypes)},
		operations.GitLabRevocation: {action: onMatches(nil, revokeGitLab)},
	},
}}}

// reportExposure records that a key has leaked. Its answer never depends on what
// the text is.
func reportExposure(ctx context.Context, api API, req request[canonical.ExposureBody]) (answer[none], error) {
	return answer[none]{}, api.Rules.ReportExposures(ctx, req.caller, req.body.Report())
}

// listGitLabTypes returns the types of tokens that GitLab may report.
func listGitLabTypes(context.Context, API, request[none]) (answer[canonical.GitLabTypes], error) {
	return answer[canonical.GitLabTypes]{body: &canonical.GitLabTypes{Types: []string{canonical.GitLabType}}}, nil
}

// maxMatches is how many keys one list may report.
const maxMatches = 100

// onMatches returns an action that takes a secret scanner's list of matches.
// check, if set, sees the body first, exactly as it was sent. The list may have
// members that no document names yet; they are ignored.
func onMatches[M, A any](check func(context.Context, API, call, []byte) error, act func(context.Context, API, apikey.Caller, []M) (answer[A], error)) action {
	return action{Body: reflect.TypeFor[[]M](), Answer: typeOf[A](), serve: func(ctx context.Context, api API, c call) (reply, error) {
		if _, err := readQuery(c.event, nil); err != nil {
			return reply{}, err
		}
		body, err := rawBody(c.event)
		if err != nil {
			return reply{}, err
		}
		if check != nil {
			if err := check(ctx, api, c, body); err != nil {
				return reply{}, err
			}
		}
		var matches []M
		if err := json.Unmarshal(body, &matches); err != nil || matches == nil {
			return reply{}, invalid(strict.Body, apikey.FieldValue, "Send a JSON array of objects, as the scanner's documentation describes it.")
		}
		if len(matches) > maxMatches {
			return reply{}, invalid(strict.Body, apikey.FieldTooLong, fmt.Sprintf("Send at most %d elements. Nothing was changed.", maxMatches))
		}
		done, err := act(ctx, api, visitorOf(c.event), matches)
		return done.reply(), err
	}}
}

func checkGitHub(ctx context.Context, api API, c call, body []byte) error {
	var values [2]string
	for i, name := range []string{operations.GitHubIdentifierHeader, operations.GitHubSignatureHeader} {
		switch sent := headerValues(c.event, name); len(sent) {
		case 0:
		case 1:
			values[i] = sent[0]
		default:
			return invalid(name, apikey.FieldValue, name+" must be sent once.")
		}
	}
	return api.GitHub.Check(ctx, values[0], values[1], body)
}

// reportGitHub records matches of GitHub's secret scanning, and labels them.
func reportGitHub(ctx context.Context, api API, by apikey.Caller, matches []canonical.GitHubMatch) (answer[[]canonical.GitHubLabel], error) {
	reports, labels := []apikey.ExposureReport{}, []canonical.GitHubLabel{}
	for _, match := range matches {
		reports, labels = append(reports, match.Report()), append(labels, match.Label())
	}
	return answer[[]canonical.GitHubLabel]{body: &labels}, api.Rules.ReportExposures(ctx, by, reports...)
}

// revokeGitLab records matches of GitLab's secret detection.
func revokeGitLab(ctx context.Context, api API, by apikey.Caller, tokens []canonical.GitLabToken) (answer[none], error) {
	var reports []apikey.ExposureReport
	for i, token := range tokens {
		if token.Type != canonical.GitLabType {
			return answer[none]{}, invalid(fmt.Sprintf("[%d].type", i), apikey.FieldValue, "The type must be "+canonical.GitLabType+". Nothing was changed.")
		}
		reports = append(reports, token.Report())
	}
	return answer[none]{}, api.Rules.ReportExposures(ctx, by, reports...)
}
