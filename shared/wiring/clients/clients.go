// Package clients makes the AWS clients of a function from Lambda's own
// environment, without the SDK's config package: that would cost the authorizer
// a millisecond of start-up and read files that Lambda does not have.
package clients

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/shared/wiring/settings"
)

// Limits bound every call, so that none can sleep as long as the SDK's
// defaults: an attempt takes at most Attempt, and there are at most Attempts.
type Limits struct {
	Attempt  time.Duration
	Attempts int
}

// Clients are one function's, over one pool of connections.
type Clients struct {
	config   aws.Config
	settings settings.Settings
	http     *http.Client
}

// New makes the clients' shared part. It does no I/O.
func New(s settings.Settings, limits Limits) *Clients {
	client := &http.Client{
		Timeout: limits.Attempt,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: limits.Attempt, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: limits.Attempt,
			// A connection must outlive the pauses between the requests of a
			// quiet function, and a managed instance serves many at once.
			IdleConnTimeout:     15 * time.Minute,
			MaxIdleConnsPerHost: 64,
		},
	}
	credentials := aws.Credentials{
		AccessKeyID: s.Credentials.AccessKeyID, SecretAccessKey: s.Credentials.SecretAccessKey,
		SessionToken: s.Credentials.SessionToken, Source: "environment",
	}
	return &Clients{settings: s, http: client, config: aws.Config{
		Region:      s.Region,
		HTTPClient:  client,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil }),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = limits.Attempts
				o.MaxBackoff = 50 * time.Millisecond
				o.RateLimiter = ratelimit.None
			})
		},
	}}
}

// HTTP is the client below the others, for what is no AWS service.
func (c *Clients) HTTP() *http.Client { return c.http }

// DynamoDB is a client for the tables, in the region where they are used.
func (c *Clients) DynamoDB() *dynamodb.Client {
	return dynamodb.NewFromConfig(c.config, func(o *dynamodb.Options) {
		o.BaseEndpoint = endpoint(c.settings.DynamoDBEndpoint)
		if c.settings.HomeRegion != "" {
			o.Region = c.settings.HomeRegion
		}
	})
}

// KMS is a client for the keys, which every region has.
func (c *Clients) KMS() *kms.Client {
	return kms.NewFromConfig(c.config, func(o *kms.Options) {
		o.BaseEndpoint = endpoint(c.settings.KMSEndpoint)
	})
}

// WarmKMS opens a connection to KMS, so that the first call need not. It is an
// unsigned request whose answer does not matter; a failure shows at the call.
func (c *Clients) WarmKMS(ctx context.Context) {
	url := c.settings.KMSEndpoint
	if url == "" {
		resolved, err := kms.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, kms.EndpointParameters{Region: aws.String(c.settings.Region)})
		if err != nil {
			return
		}
		url = resolved.URI.String()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	if response, err := c.http.Do(request); err == nil {
		// Read to the end: only then is the connection kept.
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
		_ = response.Body.Close()
	}
}

func endpoint(url string) *string {
	if url == "" {
		return nil
	}
	return &url
}
