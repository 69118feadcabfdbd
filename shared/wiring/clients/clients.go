// Package clients creates a function's AWS clients from Lambda's own
// environment. It does not use the SDK's config package, which would add a
// millisecond to the authorizer's start and read files that Lambda does not
// have.
package clients

import (
	"cmp"
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

// Limits apply to every call, because the SDK's defaults allow long sleeps.
// There are at most Attempts attempts of at most Attempt each.
type Limits struct {
	Attempt  time.Duration
	Attempts int
}

// Clients creates the AWS clients of one function, which share a connection
// pool.
type Clients struct {
	config   aws.Config
	settings settings.Settings
	http     *http.Client
}

// New returns the clients of a function. It does no I/O.
func New(s settings.Settings, limits Limits) *Clients {
	client := &http.Client{
		Timeout: limits.Attempt,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: limits.Attempt, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: limits.Attempt,
			// A connection must outlive the pauses between requests to a quiet function,
			// and a managed instance serves many requests at once.
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

// HTTP returns the HTTP client below the others, for calls to other servers than
// AWS.
func (c *Clients) HTTP() *http.Client { return c.http }

// DynamoDB returns a client for the region of the tables.
func (c *Clients) DynamoDB() *dynamodb.Client {
	return c.DynamoDBIn(cmp.Or(c.settings.HomeRegion, c.settings.Region))
}

// DynamoDBIn returns a client for a region.
func (c *Clients) DynamoDBIn(region string) *dynamodb.Client {
	return dynamodb.NewFromConfig(c.config, func(o *dynamodb.Options) {
		o.BaseEndpoint = endpoint(c.settings.DynamoDBEndpoint)
		o.Region = region
	})
}

// KMS returns a client for the function's own region; every region has the keys.
func (c *Clients) KMS() *kms.Client {
	return kms.NewFromConfig(c.config, func(o *kms.Options) {
		o.BaseEndpoint = endpoint(c.settings.KMSEndpoint)
	})
}

// Config returns the configuration of a client for the function's own region, of
// a service that the authorizer must not link.
func (c *Clients) Config() aws.Config { return c.config }

// WarmKMS opens a connection to KMS ahead of the first call. It sends an
// unsigned request and ignores the answer; a failure shows at the first real
// call.
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
		// Only a body that is read to its end keeps the connection open.
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
