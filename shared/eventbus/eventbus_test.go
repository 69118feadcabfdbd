package eventbus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/eventbus"
)

// bus emulates EventBridge. It records the details of each request, and refuses
// entries whose detail contains "bad", and requests with one that contains
// "down".
type bus struct{ requests []string }

func (b *bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Entries []struct{ EventBusName, Source, DetailType, Detail string }
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	var details, results []string
	for _, e := range in.Entries {
		if e.EventBusName != "keys" || e.Source != "keyward" || e.DetailType != "t" {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		details = append(details, fmt.Sprintf("%.8s", e.Detail))
		if strings.Contains(e.Detail, "bad") {
			results = append(results, `{"ErrorCode":"ThrottlingException","ErrorMessage":"x"}`)
		} else {
			results = append(results, `{"EventId":"1"}`)
		}
	}
	b.requests = append(b.requests, strings.Join(details, " "))
	if strings.Contains(strings.Join(details, ""), "down") {
		http.Error(w, `{"__type":"InternalException"}`, http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprintf(w, `{"Entries":[%s]}`, strings.Join(results, ","))
}

// publish publishes events, each as SUBJECT:DETAIL, and returns the requests and
// the numbers of the events that failed.
func publish(t *testing.T, events ...string) (requests []string, failed string) {
	t.Helper()
	b := &bus{}
	server := httptest.NewServer(b)
	defer server.Close()
	config := aws.Config{
		Region: "us-east-1", Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	}
	var all []canonical.Event
	for i, event := range events {
		subject, detail, _ := strings.Cut(event, ":")
		all = append(all, canonical.Event{ID: fmt.Sprint(i), Type: "t", Subject: subject, Detail: detail})
	}
	failures := eventbus.New(config, server.URL, "keys").Publish(t.Context(), all)
	if len(failures) != len(all) {
		t.Fatalf("%d outcomes of %d events", len(failures), len(all))
	}
	for i, err := range failures {
		if err != nil {
			failed += fmt.Sprint(i, " ")
		}
	}
	return b.requests, strings.TrimSpace(failed)
}

// Events of different subjects share a request. A request has no two events of a
// subject, so that they arrive in order. What follows a failed event of its
// subject is not sent; all else is, and exactly what was not published has an
// error.
func TestPublish(t *testing.T) {
	ten := strings.Fields("a:0 b:1 c:2 d:3 e:4 f:5 g:6 h:7 i:8 j:9")
	half := strings.Repeat("x", 128_000)
	for name, test := range map[string]struct {
		events   []string
		requests []string
		failed   string
	}{
		"none":              {nil, nil, ""},
		"together":          {ten, []string{"0 1 2 3 4 5 6 7 8 9"}, ""},
		"more than ten":     {append(ten, "k:10"), []string{"0 1 2 3 4 5 6 7 8 9", "10"}, ""},
		"one subject":       {[]string{"a:0", "b:1", "a:2", "c:3", "a:4"}, []string{"0 1", "2 3", "4"}, ""},
		"one refused":       {[]string{"a:0", "b:bad", "c:2", "b:3", "a:4", "b:5"}, []string{"0 bad 2", "4"}, "1 3 5"},
		"a request fails":   {[]string{"a:down", "b:1", "b:2", "c:3", "a:4"}, []string{"down 1", "3"}, "0 1 2 4"},
		"large":             {[]string{"a:" + half, "b:" + half, "c:2"}, []string{"xxxxxxxx", "xxxxxxxx 2"}, ""},
		"larger than taken": {[]string{"a:" + half + half, "a:1", "b:2"}, []string{"2"}, "0 1"},
	} {
		requests, failed := publish(t, test.events...)
		if fmt.Sprint(requests) != fmt.Sprint(test.requests) || failed != test.failed {
			t.Errorf("%s: requests %q, failed %q", name, requests, failed)
		}
	}
}
