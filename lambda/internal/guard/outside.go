package guard

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/secret"
)

// outside wires the heartbeat outside of AWS; nil: the settings have none.
func (w *wiring) outside() heartbeat.Outside {
	wrong := w.problems.About(config.EnvHeartbeatSecret, config.EnvHeartbeatKey, config.EnvHeartbeatMethod)
	h := w.cfg.Heartbeat
	if len(wrong) == 0 {
		wrong = h.Half()
	}
	if len(wrong) > 0 {
		return noPing{wrong}
	}
	if !h.Set() {
		return nil
	}
	return heartbeat.New(heartbeat.Options{
		Client: w.client,
		Secret: secret.NewOfAny(secretsmanager.NewFromConfig(w.aws, func(o *secretsmanager.Options) { o.Region = cmp.Or(w.secretRegion, o.Region) }), h.Secret, w.Clock),
		Name:   h.Secret,
		Key:    h.Key,
		Method: h.Method,
		Clock:  w.Clock,
	})
}

// noPing stands for a heartbeat whose settings are wrong.
type noPing struct{ problems config.Problems }

// Ping says what is wrong with the settings.
func (p noPing) Ping(context.Context) error { return p.problems }
