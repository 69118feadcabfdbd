package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// api returns the Lambda runtime API. One port serves every process; the first
// segment of the path is the process's token.
func (r *Runtime) api() http.Handler {
	mux := http.NewServeMux()
	const base = "/{token}/2018-06-01/runtime"
	handle := func(pattern string, serve func(*process, http.ResponseWriter, *http.Request)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
			proc := r.process(req.PathValue("token"))
			if proc == nil {
				http.Error(w, `{"errorType":"Forbidden","errorMessage":"no such execution environment"}`, http.StatusForbidden)
				return
			}
			serve(proc, w, req)
		})
	}
	handle("GET "+base+"/invocation/next", (*process).serveNext)
	handle("POST "+base+"/invocation/{id}/response", (*process).serveResponse)
	handle("POST "+base+"/invocation/{id}/error", (*process).serveError)
	handle("POST "+base+"/init/error", (*process).serveInitError)
	return mux
}

func (proc *process) serveNext(w http.ResponseWriter, req *http.Request) {
	p := proc.pool
	mine := &poll{process: proc, ready: make(chan *invocation, 1)}
	p.mu.Lock()
	proc.init.Do(func() { close(proc.ready) })
	p.polls = append(p.polls, mine)
	p.match()
	p.mu.Unlock()
	select {
	case inv := <-mine.ready:
		proc.send(w, inv)
	case <-req.Context().Done():
		// The process is ending or has ended, so an invocation that it received
		// meanwhile fails.
		p.mu.Lock()
		p.polls = slices.DeleteFunc(p.polls, func(other *poll) bool { return other == mine })
		p.mu.Unlock()
	}
}

// send gives an invocation to the process.
func (proc *process) send(w http.ResponseWriter, inv *invocation) {
	f, o := proc.pool.function, proc.pool.runtime.options
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(f.Timeout).UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", o.Region, o.Account, f.Name))
	h.Set("Lambda-Runtime-Trace-Id", inv.trace)
	_, _ = w.Write(inv.event)
}

func (proc *process) serveResponse(w http.ResponseWriter, req *http.Request) {
	answer, err := io.ReadAll(io.LimitReader(req.Body, MaxPayload+1))
	inv, found := proc.pool.complete(proc, req.PathValue("id"))
	switch {
	case !found:
		writeError(w, http.StatusBadRequest, "InvalidRequestID", "no such invocation")
	case err != nil:
		inv.end(nil, &FunctionError{ExitError, "RequestId: " + inv.id + " Error: the answer broke off"})
	case len(answer) > MaxPayload:
		inv.end(nil, &FunctionError{ResponseTooLarge, fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxPayload)})
		writeError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the answer is too large")
	default:
		w.WriteHeader(http.StatusAccepted)
		inv.end(answer, nil)
	}
}

func (proc *process) serveError(w http.ResponseWriter, req *http.Request) {
	inv, found := proc.pool.complete(proc, req.PathValue("id"))
	if !found {
		writeError(w, http.StatusBadRequest, "InvalidRequestID", "no such invocation")
		return
	}
	inv.end(nil, readError(req))
	w.WriteHeader(http.StatusAccepted)
}

func (proc *process) serveInitError(w http.ResponseWriter, req *http.Request) {
	proc.failInit(readError(req))
	w.WriteHeader(http.StatusAccepted)
	// A runtime should exit after this. Kill it if it does not.
	time.AfterFunc(time.Second, proc.kill)
}

// readError parses the error document that a runtime posts.
func readError(req *http.Request) *FunctionError {
	var document struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	if err := json.NewDecoder(io.LimitReader(req.Body, MaxPayload)).Decode(&document); err != nil {
		return &FunctionError{"Runtime.UnknownError", "the runtime gave no reason"}
	}
	return &FunctionError{document.ErrorType, document.ErrorMessage}
}

func writeError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message})
}
