package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

const (
	// maxAnswer is the most bytes of an answer that are read.
	maxAnswer = 8 << 20
	// attemptTimeout is how long one attempt may take.
	attemptTimeout = 40 * time.Second
)

// ErrConnection is the error of a call that got no answer. Errors of methods wrap
// it, together with the cause.
var ErrConnection = errors.New("cannot reach Keyward")

// sender sends requests and reads the answers.
type sender struct {
	server, userAgent string
	authorize         func(context.Context) (string, error)
	withoutKey        bool
	http              *http.Client
	retries           int
}

// effect says what it means to send a request twice.
type effect int

const (
	// repeatable is a request that comes to the same if it is made twice.
	repeatable effect = iota
	// removal is a repeatable request after which nothing is left: of a repetition,
	// "not found" is success.
	removal
	// once is a request that must not be made twice.
	once
)

// unlessMatched returns the effect of a change with an If-Match: made twice, the
// second time fails.
func unlessMatched(ifMatch string, otherwise effect) effect {
	if ifMatch != "" {
		return once
	}
	return otherwise
}

// headed are answers of which some members come in the header.
type headed interface{ ReadHeader(http.Header) }

// ask sends a request, again if that helps, and decodes the answer.
func ask[T any](s *sender, what effect, request *http.Request, err error) (*T, error) {
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	answer, header, err := s.send(request, what)
	if err != nil {
		return nil, err
	}
	result := new(T)
	if len(answer) > 0 || what != removal {
		if err := json.Unmarshal(answer, result); err != nil {
			return nil, notAnswered("The answer is not JSON that this client reads. Check the URL.")
		}
	}
	if h, ok := any(result).(headed); ok {
		h.ReadHeader(header)
	}
	return result, nil
}

// tell sends a request of whose answer nothing is needed.
func tell(s *sender, what effect, request *http.Request, err error) error {
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	_, _, err = s.send(request, what)
	return err
}

// send makes attempts until one succeeds or another would not help.
func (s *sender) send(request *http.Request, what effect) ([]byte, http.Header, error) {
	ctx := request.Context()
	for attempt := 0; ; attempt++ {
		answer, header, err := s.attempt(request)
		if err == nil {
			return answer, header, nil
		}
		if attempt > 0 && what == removal && isGone(err) {
			return nil, nil, nil
		}
		if attempt >= s.retries || !worthRepeating(err, what) || wait(ctx, attempt, retryAfter(err)) != nil {
			return nil, nil, err
		}
	}
}

// attempt sends a request once. An answer that is not a success is an [*Error].
func (s *sender) attempt(original *http.Request) ([]byte, http.Header, error) {
	ctx, cancel := context.WithTimeout(original.Context(), attemptTimeout)
	defer cancel()
	token, err := s.authorize(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("client: no access token: %w", err)
	}
	if err := checkCredential("access token", token); err != nil {
		return nil, nil, err
	}
	request := original.Clone(ctx)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("User-Agent", s.userAgent)
	request.Header.Set("Accept", "application/json, application/problem+json")
	if original.GetBody != nil {
		if request.Body, err = original.GetBody(); err != nil {
			return nil, nil, err
		}
	}
	response, err := s.http.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("client: %w: %w", ErrConnection, err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(response)
}

// read returns the body of a success, or an error.
func read(response *http.Response) ([]byte, http.Header, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	success := response.StatusCode >= 200 && response.StatusCode < 300
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case !success:
		return nil, nil, refusal(response, kind, body)
	case err != nil:
		return nil, nil, fmt.Errorf("client: %w: the answer was cut off: %w", ErrConnection, err)
	case len(body) > maxAnswer:
		return nil, nil, foreign(response, "The answer is larger than 8 MB.")
	case len(body) > 0 && kind != "application/json":
		return nil, nil, foreign(response, "The answer is not JSON. Check the URL.")
	}
	return body, response.Header, nil
}
