package state

import (
	"context"
	"log/slog"
)

// Log logs the error of a call to the table that changes nothing but what is known later; nil is no error.
func Log(ctx context.Context, log *slog.Logger, err error) {
	if err != nil {
		log.WarnContext(ctx, "state table", "error", err.Error())
	}
}
