package stage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing/fstest"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/guard"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/memo"
)

// Carried is what the functions' assets hold.
type Carried struct {
	exceptions exception.List
	routes     route.List
	lists      config.Lists
	watch      *watched // nil: a watch with the built-in rules
	Declared   []baseline.State
	bucket     *baseline.Bucket // of each; nil: the baselines say nothing of it
	key        *baseline.Key
	// What the deployment's stack is made of; none: the assets say nothing of it.
	stack    string
	template []byte
	others   []deployment.Template // what else the deployment is made of: the warden's own stack
}

// Of is c with what the deployment's stack is made of; an empty name stands for "trailkeeper".
func (c Carried) Of(stack string, template []byte) Carried {
	c.stack, c.template = cmp.Or(stack, "trailkeeper"), template
	return c
}

// asset is the folder of the asset's files. Whatever is wrong with one is an error.
func (c Carried) asset() (fstest.MapFS, error) {
	asset := fstest.MapFS{}
	add := func(name string) func([]byte, error) error {
		return func(content []byte, err error) error {
			asset[name] = &fstest.MapFile{Data: content}
			return err
		}
	}
	var errs []error
	for _, state := range c.Declared {
		b := baseline.Baseline{Version: baseline.Version, CapturedAt: captured, Trail: state, Bucket: c.bucket, Key: c.key}
		errs = append(errs, add(config.BaselineFolder+"/"+baseline.FileName(state.ARN))(baseline.Format(b)))
	}
	errs = append(errs,
		add(config.ListsFile)(config.FormatLists(c.lists)),
		add(exception.FileName)(exception.Format(c.exceptions)),
		add(route.FileName)(route.Format(c.routes)),
	)
	if len(c.template) > 0 {
		errs = append(errs, add(deployment.FileName)(c.described()))
	}
	return asset, errors.Join(errs...)
}

// described is the description of the deployment. The same templates are played again and again: it is made once.
func (c Carried) described() ([]byte, error) {
	templates := append([]deployment.Template{{Content: c.template}}, c.others...)
	h := sha256.New()
	fmt.Fprintf(h, "%q", c.stack)
	for _, t := range templates {
		fmt.Fprintf(h, "%q %d ", t.Region, len(t.Content))
		h.Write(t.Content)
	}
	made := descriptions.Of([sha256.Size]byte(h.Sum(nil)), func() (d described) {
		whole, err := deployment.Describe(c.stack, templates...)
		if err != nil {
			return described{err: err}
		}
		d.text, d.err = deployment.Format(whole)
		return d
	})
	return made.text, made.err
}

type described struct {
	text []byte
	err  error
}

// descriptions are those that were made, by the digest of what they are made of.
var descriptions = memo.New[[sha256.Size]byte, described](32)

// Functions make the real functions, with this in their assets.
func Functions(c Carried) func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
	asset, problem := c.asset()
	return func(_ context.Context, env localcloud.FunctionEnv) (localcloud.Handler, error) {
		if problem != nil {
			return nil, problem
		}
		if env.Getenv(config.EnvMode) == "" && !config.IsWarden(env.Getenv) { // which the guard alone has
			return cmp.Or(c.watch, &watched{}).handler(env, c)
		}
		o := guard.Options{
			Getenv:     env.Getenv,
			Environ:    env.Environ,
			Log:        env.Log,
			Clock:      env.Clock,
			HTTPClient: env.HTTP,
		}
		return guard.NewFunction(o.FromAsset(asset))
	}
}
