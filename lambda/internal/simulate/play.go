package simulate

import (
	"context"
	"errors"
	"fmt"

	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/internal/simulate/stage"
)

// Play plays one scenario on what the template deploys. The error says that it could not be played: the template is not
// modelled, or the cloud refused to be set up. A broken check is no error.
func Play(ctx context.Context, template []byte, s scenarios.Scenario) (res result.Result, err error) {
	unfit := result.Result{
		Name:      s.Name,
		Title:     s.Title,
		Group:     s.Group,
		NotPlayed: "this deployment is not set up for it",
	}
	options := stage.Options(template)
	if s.Setup.Moves(options) {
		return unfit, nil
	}
	st, err := stage.New(options, s.Setup)
	if err != nil {
		return result.Result{}, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	defer func() { err = errors.Join(err, st.Cloud.Close()) }()
	if !s.Fits(st) {
		return unfit, nil
	}
	if err := s.Act(ctx, st); err != nil {
		return result.Result{}, fmt.Errorf("scenario %s: the attacker: %w", s.Name, err)
	}
	if err := st.Cloud.Run(); err != nil {
		return result.Result{}, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	r := check.Of(st)
	if attacks := r.Timeline.Attacks(); len(attacks) > 0 {
		r.Attack = attacks[0]
	} else if others := r.Timeline.OnOthers(); len(others) > 0 {
		r.Attack = others[0]
	}
	res = r.Result(s.Checks)
	res.Name, res.Title, res.Group = s.Name, s.Title, s.Group
	return res, nil
}
