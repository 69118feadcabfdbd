package canonical

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/keytext"
)

// ExposureBody is the body of a report that a key has leaked.
type ExposureBody struct {
	Key    wire.Secret `json:"key" wire:"required" doc:"What was found. The answer is the same whether or not it is the text of a key."`
	Source string      `json:"source" doc:"Where it was found, such as pastebin: up to 64 bytes of UTF-8. It must not begin with github: GitHub signs its reports."`
	URL    string      `json:"url" format:"uri" doc:"The page where it was found: an https URL of up to 1024 bytes."`
}

// Report returns the report in the rules' terms.
func (b ExposureBody) Report() apikey.ExposureReport {
	return apikey.ExposureReport{Key: keyOf(b.Key), Source: b.Source, URL: b.URL}
}

// keyOf returns the key that a text is; zero if it is none.
func keyOf(text wire.Secret) keytext.Key {
	key, err := keytext.Parse(string(text))
	if err != nil {
		return keytext.Key{}
	}
	return key
}

// GitHubMatch is one element of the list that GitHub's secret scanning sends to
// its partners.
type GitHubMatch struct {
	Token  wire.Secret `json:"token" doc:"What was found."`
	Type   string      `json:"type" doc:"The name of the pattern that matched."`
	URL    string      `json:"url" doc:"Where it was found; may be empty."`
	Source string      `json:"source" doc:"What kind of place that is, such as commit."`
}

// Report returns the report in the rules' terms. A source or URL that cannot be
// recorded is left out: the key has leaked all the same.
func (m GitHubMatch) Report() apikey.ExposureReport {
	report := apikey.ExposureReport{Key: keyOf(m.Token), Source: apikey.SourceGitHub + " " + m.Source, URL: m.URL, Signed: true}.Tolerant()
	if m.Source == "" || report.Source == "" {
		report.Source = apikey.SourceGitHub
	}
	return report
}

// GitHubLabel tells GitHub whether a match was a key or a false positive.
type GitHubLabel struct {
	Hash  string `json:"token_hash" doc:"The SHA-256 of the token, in hexadecimal digits."`
	Type  string `json:"token_type" doc:"The type that was sent."`
	Label string `json:"label" enum:"true_positive,false_positive" doc:"true_positive for everything that has the form of a key and its checksum, whether or not the key exists."`
}

// Label returns the feedback on a match. It depends on the text alone.
func (m GitHubMatch) Label() GitHubLabel {
	sum := sha256.Sum256([]byte(m.Token))
	label := GitHubLabel{Hash: hex.EncodeToString(sum[:]), Type: m.Type, Label: "true_positive"}
	if keyOf(m.Token).ID().IsZero() {
		label.Label = "false_positive"
	}
	return label
}

// GitLabType is the type of the tokens that a GitLab instance may report: the
// rule keyward_api_key of gitleaks, which GitLab's secret detection runs.
const GitLabType = "gitleaks_rule_id_keyward_api_key"

// GitLabTypes lists the types of tokens that GitLab may report.
type GitLabTypes struct {
	Types []string `json:"types" doc:"The types that revoke_tokens takes."`
}

// GitLabToken is one element of the list that GitLab sends to its token
// revocation API.
type GitLabToken struct {
	Type     string      `json:"type" doc:"One of the types that revocable_token_types lists."`
	Token    wire.Secret `json:"token" doc:"What was found."`
	Location string      `json:"location" doc:"Where it was found."`
}

// Report returns the report in the rules' terms. A location that cannot be
// recorded is left out.
func (t GitLabToken) Report() apikey.ExposureReport {
	return apikey.ExposureReport{Key: keyOf(t.Token), Source: apikey.SourceGitLab, URL: t.Location}.Tolerant()
}
