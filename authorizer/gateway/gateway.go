// Package gateway is the Lambda authorizer's interface to API Gateway. It parses
// every shape of authorizer event and returns the decision in the format that
// this shape expects.
//
// A request is allowed, or gets one of three other answers:
//   - A missing or invalid credential gets an error with the text "Unauthorized",
//     which API Gateway turns into a 401. AppSync does not know that text, so it gets
//     a plain refusal, which it turns into a 401 too.
//   - A valid credential without the permission gets an explicit denial with a code:
//     a 403, or a 401 from AppSync.
//   - If no decision can be made, or the event is not understood, the answer is
//     another error, which becomes a 5xx. It is never an allowance, and never a 401
//     for a good credential.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/keyward/keyward/authorizer/metrics"
	"github.com/keyward/keyward/authorizer/usage"
	"github.com/keyward/keyward/shared/deadline"
	"github.com/keyward/keyward/shared/verify"
)

// DecisionLimit is the maximum duration of a decision, with all its reads.
const DecisionLimit = 2 * time.Second

var (
	// ErrUnauthorized means that there is no valid credential. API Gateway
	// recognizes this text.
	ErrUnauthorized = errors.New("Unauthorized")
	// ErrNoDecision means that no decision could be made. The cause is logged.
	ErrNoDecision = errors.New("the API key could not be checked")
)

// Decider decides requests, as [verify.Verifier] does. It must not keep a
// request after its call.
type Decider interface {
	Decide(ctx context.Context, r verify.Request) (verify.Decision, error)
}

// Handler answers authorizer events. It implements aws-lambda-go's Handler
// interface, and is safe for concurrent use.
type Handler struct {
	// Meter counts the answers and limits how many refusals and failures are
	// logged; nil does neither. Set it before the first event.
	Meter *metrics.Meter
	// Uses counts what keys are used for; nil counts nothing. Set it before the
	// first event.
	Uses *usage.Counter

	decider   Decider
	log       *slog.Logger
	needsHost bool
}

// New returns a handler that logs each refusal and failure in one line, without
// the credential.
func New(decider Decider, log *slog.Logger) *Handler {
	return &Handler{decider: decider, log: log, needsHost: needsHost(decider)}
}

// Invoke answers one event. Its only errors are [ErrUnauthorized] and
// [ErrNoDecision].
func (h *Handler) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	began := time.Now()
	limited := deadline.New(ctx, began.Add(DecisionLimit))
	defer limited.Release()
	ctx = limited
	h.Meter.Begin(began)
	defer func() {
		if fault := recover(); fault != nil {
			answer, err = nil, h.fail(ctx, "the authorizer panicked",
				slog.String("panic", describe(fault)), slog.String("stack", string(debug.Stack())))
		}
	}()
	e := eventPool.Get().(*event)
	defer e.release()
	shape, asked, err := e.read(payload, h.needsHost)
	if err != nil {
		return nil, h.fail(ctx, "an event was not understood", slog.String("cause", err.Error()))
	}
	decision, err := h.decider.Decide(ctx, asked.Request)
	if err != nil {
		return nil, h.fail(ctx, "a request could not be decided", line(shape, &asked, &decision, err)...)
	}
	if answer, err = h.answer(ctx, shape, &asked, &decision); !errors.Is(err, ErrNoDecision) {
		h.Meter.Decided(decision)
		h.Uses.Count(decision.Use, decision.Outcome, decision.Code, asked.Source, began)
	}
	return answer, err
}

func (h *Handler) answer(ctx context.Context, s *shape, asked *question, d *verify.Decision) ([]byte, error) {
	if d.Outcome != verify.Allowed {
		h.logRefusal(ctx, s, asked, d)
	}
	if d.Outcome == verify.Unauthenticated && s.unauthorized == "" {
		return nil, ErrUnauthorized
	}
	if d.Outcome == verify.Unauthenticated {
		return []byte(s.unauthorized), nil
	}
	answer, err := s.answer(make([]byte, 0, answerSize), *asked, *d)
	if err == nil {
		return answer, nil
	}
	return nil, h.fail(ctx, "a decision could not be expressed", line(s, asked, d, err)...)
}

// fail counts a failure and logs it, unless too many were logged just now. The
// next line then says how many were left out.
func (h *Handler) fail(ctx context.Context, what string, attrs ...slog.Attr) error {
	logged, leftOut := h.Meter.Failed()
	if logged && leftOut > 0 {
		attrs = append(attrs, slog.Uint64("leftOut", leftOut))
	}
	if logged {
		attrs = append([]slog.Attr{slog.String("failure", what)}, attrs...)
		h.log.LogAttrs(ctx, slog.LevelError, "no answer was found", attrs...)
	}
	return ErrNoDecision
}

// line returns the log attributes of a request. They never include the
// credential or the path, which the caller chooses.
func line(s *shape, asked *question, d *verify.Decision, cause error) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("code", string(d.Code)), slog.String("keyId", d.Identity.KeyID.String()), slog.String("userId", d.Identity.UserID.String()),
		slog.String("shape", s.name), slog.String("requestId", string(asked.requestID)),
		slog.String("account", asked.API.Account), slog.String("api", asked.API.ID), slog.String("stage", asked.API.Stage),
		slog.String("method", asked.Method), slog.String("route", asked.Route),
		slog.String("source", asked.source()),
	}
	if cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	return attrs
}

// describe returns the text of a runtime panic, or the type of any other, whose
// text could contain secrets.
func describe(fault any) string {
	if err, ok := fault.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", fault)
}

// needsHost reports whether a decider needs host names. It does unless it says
// otherwise, as [verify.Verifier] can.
func needsHost(d Decider) bool {
	choosy, ok := d.(interface{ NeedsHost() bool })
	return !ok || choosy.NeedsHost()
}
