package gateway

import (
	"context"
	"log/slog"

	"github.com/keyward/keyward/authorizer/metrics"
	"github.com/keyward/keyward/shared/verify"
)

// logRefusal logs a refused request, unless too many were logged just now. The
// next line then says how many were left out. If the credential identifies
// nobody, its fingerprint shows whether it is the same one again.
func (h *Handler) logRefusal(ctx context.Context, s *shape, asked *question, d *verify.Decision) {
	logged, leftOut := h.Meter.Refusal()
	if !logged {
		return
	}
	attrs := line(s, asked, d, nil)
	if leftOut > 0 {
		attrs = append(attrs, slog.Uint64("leftOut", leftOut))
	}
	if d.Identity.KeyID.IsZero() && d.Identity.UserID.IsZero() && len(asked.Authorization) > 0 {
		attrs = append(attrs, slog.String("credentialHash", metrics.Fingerprint(asked.Authorization)))
	}
	h.log.LogAttrs(ctx, slog.LevelInfo, "a request was refused", attrs...)
}
