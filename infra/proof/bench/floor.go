package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"

	"github.com/keyward/keyward/infra/local/child"
)

// floor is the process of functions/floor: an HTTP server that does the least that
// verifying a key takes.
type floor struct {
	instance

	url    string
	client *http.Client
}

func startFloor(ctx context.Context, atOnce int) (*floor, error) {
	f := &floor{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}}
	f.process = exec.CommandContext(ctx, function("floor"))
	f.process.SysProcAttr = child.Attributes()
	f.process.Env = []string{} // as Lambda's functions, none of this process's own
	out, err := f.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := f.process.Start(); err != nil {
		return nil, err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		f.stop()
		return nil, fmt.Errorf("the floor does not say where it listens: %w", err)
	}
	f.url = "http://" + strings.TrimSpace(address) + "/v1/verify"
	return f, nil
}

func (f *floor) stop() {
	_ = f.process.Process.Kill()
	_ = f.process.Wait()
}

// ask sends one question and reads its answer.
func (f *floor) ask(body []byte) error {
	return finish(f.client.Post(f.url, "application/json", bytes.NewReader(body)))
}

// finish reads an answer to its end. Any but a success is an error.
func finish(response *http.Response, err error) error {
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", response.Request.URL.Path, response.Status)
	}
	return err
}
