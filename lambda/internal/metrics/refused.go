package metrics

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"trailkeeper/lambda/config/metric"
)

// Refused counts calls that AWS refused.
type Refused struct{ All, Ignored int64 }

// IsRefused reports whether an error code is one of those that count: AccessDenied, AccessDeniedException and their
// like.
func IsRefused(errorCode string) bool { return strings.HasPrefix(errorCode, "AccessDenied") }

// With is r with one more call.
func (r Refused) With(ignored bool) Refused {
	if r.All++; ignored {
		r.Ignored++
	}
	return r
}

// WriteRefused logs the figures of an account as metrics of a namespace, as Write does with its own.
func WriteRefused(ctx context.Context, log *slog.Logger, namespace, account string, at time.Time, r Refused) {
	about := []map[string]string{{"Name": metric.RefusedCalls, "Unit": "Count"}}
	attrs := []slog.Attr{slog.Int64(metric.RefusedCalls, r.All), slog.String(metric.DimensionAccount, account)}
	if r.Ignored > 0 {
		about = append(about, map[string]string{"Name": metric.RefusedIgnored, "Unit": "Count"})
		attrs = append(attrs, slog.Int64(metric.RefusedIgnored, r.Ignored))
	}
	attrs = append(attrs, member("_aws", map[string]any{
		"Timestamp": at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace":  namespace,
			"Dimensions": [][]string{{metric.DimensionAccount}, {}},
			"Metrics":    about,
		}},
	}))
	log.LogAttrs(ctx, slog.LevelError, "metrics", attrs...)
}
