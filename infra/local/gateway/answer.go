package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// proxyAnswer is what a function returns, in either payload format.
type proxyAnswer struct {
	StatusCode        any              `json:"statusCode"`
	Headers           map[string]any   `json:"headers"`
	MultiValueHeaders map[string][]any `json:"multiValueHeaders"`
	Cookies           []string         `json:"cookies"`
	Body              *string          `json:"body"`
	IsBase64Encoded   bool             `json:"isBase64Encoded"`
}

// readRESTAnswer parses the proxy response of a REST API's function.
func (c *call) readRESTAnswer(text []byte) (answer, error) {
	var p proxyAnswer
	if err := decodeNumbers(text, &p); err != nil {
		return answer{}, err
	}
	a, err := p.answer(c.api.Binary)
	if err != nil {
		return answer{}, err
	}
	for name, values := range p.MultiValueHeaders {
		if err := checkHeader(name); err != nil {
			return answer{}, err
		}
		a.header.Del(name)
		for _, value := range values {
			a.header.Add(name, fmt.Sprint(value))
		}
	}
	remap(a.header)
	if a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", "application/json")
	}
	return a, nil
}

// readHTTPAnswer parses the response of an HTTP API's function. JSON without a
// status is itself the body of a 200.
func (c *call) readHTTPAnswer(text []byte) (answer, error) {
	var p proxyAnswer
	if err := decodeNumbers(text, &p); err != nil || p.StatusCode == nil {
		if !json.Valid(text) {
			return answer{}, errors.New("it is not JSON")
		}
		a := newAnswer(http.StatusOK)
		a.header.Set("Content-Type", "application/json")
		a.body = bytes.TrimSpace(text)
		return a, nil
	}
	a, err := p.answer(true)
	if err != nil {
		return answer{}, err
	}
	for _, cookie := range p.Cookies {
		a.header.Add("Set-Cookie", cookie)
	}
	if a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	return a, nil
}

// answer returns what both formats share. It decodes a base64 body only if the
// API supports binary bodies; a REST API that does not passes it on unchanged.
func (p *proxyAnswer) answer(binary bool) (answer, error) {
	status, err := strconv.Atoi(fmt.Sprint(p.StatusCode))
	if err != nil || status < 200 || status > 599 {
		return answer{}, fmt.Errorf("its statusCode is %v", p.StatusCode)
	}
	a := newAnswer(status)
	for name, value := range p.Headers {
		if err := checkHeader(name); err != nil {
			return answer{}, err
		}
		switch value.(type) {
		case string, json.Number, bool:
			a.header.Set(name, fmt.Sprint(value))
		case nil:
		default:
			return answer{}, fmt.Errorf("its header %q is not a string", name)
		}
	}
	if p.Body != nil {
		a.body = []byte(*p.Body)
	}
	if p.IsBase64Encoded && binary {
		if a.body, err = base64.StdEncoding.DecodeString(string(a.body)); err != nil {
			return answer{}, errors.New("its body is not base64")
		}
	}
	return a, nil
}

func checkHeader(name string) error {
	if name == "" || strings.ContainsAny(name, " \t\r\n:") {
		return fmt.Errorf("it has a header named %q", name)
	}
	return nil
}

// remapped lists the headers that a REST API renames in a function's answer,
// because it reserves these names.
var remapped = []string{"Connection", "Date", "Server", "Www-Authenticate"}

func remap(h http.Header) {
	for _, name := range remapped {
		if values := h.Values(name); len(values) > 0 {
			h["X-Amzn-Remapped-"+name] = values
			h.Del(name)
		}
	}
	h.Del("Content-Length")
	h.Del("Transfer-Encoding")
}
