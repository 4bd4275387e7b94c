package guard

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
)

// FromAsset adds to the options what the function's asset holds: the declared baselines, the exceptions and the routes. All were checked when the stack
// was made; a file that cannot be read all the same is logged and counts as absent, so that the guard restores rather than not.
func (o Options) FromAsset(asset fs.FS) Options {
	baselines, err := fs.Sub(asset, config.BaselineFolder)
	if err != nil {
		return o // the name of the folder is valid
	}
	o.Baseline = func(arn string) (baseline.Baseline, error) { return baseline.Read(baselines, arn) }
	o.Baselines = func() ([]baseline.Baseline, error) {
		files, err := baseline.ReadAll(baselines)
		all := make([]baseline.Baseline, len(files))
		for i, f := range files {
			all[i] = f.Baseline
		}
		return all, err
	}
	if o.Exceptions, err = readExceptions(asset); err != nil {
		o.Log.Error("exceptions not read", slog.String("error", err.Error()))
	}
	if o.Routes, err = readRoutes(asset); err != nil {
		o.Log.Error("routes not read", slog.String("error", err.Error()))
	}
	return o
}

// readRoutes reads the list; without one, or with one that cannot be read, everything goes to the default destinations.
func readRoutes(asset fs.FS) (route.List, error) {
	content, err := fs.ReadFile(asset, route.FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return route.List{}, nil
	}
	if err != nil {
		return route.List{}, fmt.Errorf("read %s: %w", route.FileName, err)
	}
	return route.Parse(content)
}

func readExceptions(asset fs.FS) (exception.List, error) {
	content, err := fs.ReadFile(asset, exception.FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return exception.List{}, nil
	}
	if err != nil {
		return exception.List{}, fmt.Errorf("read %s: %w", exception.FileName, err)
	}
	return exception.Parse(content)
}
