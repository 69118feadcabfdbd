package operations

// GitHubKeys is where GitHub publishes the keys with which it signs reports of
// leaked keys.
const GitHubKeys = "https://api.github.com/meta/public_keys/secret_scanning"

// The headers of GitHub's signature: the name of the key, and the signature of
// the body.
const (
	GitHubIdentifierHeader = "Github-Public-Key-Identifier"
	GitHubSignatureHeader  = "Github-Public-Key-Signature"
)
