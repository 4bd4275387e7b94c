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

// FromAsset adds to the options what the function's asset holds: the lists, the declared baselines, the exceptions and
// the routes. All were checked when the stack was made; a file that cannot be read all the same is logged and counts as
// absent, so that the guard restores rather than not.
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
	if o.Lists, err = fromFile(asset, config.ListsFile, config.ParseLists); err != nil {
		o.Log.Error("lists not read", slog.String("error", err.Error()))
	}
	if o.Exceptions, err = fromFile(asset, exception.FileName, exception.Parse); err != nil {
		o.Log.Error("exceptions not read", slog.String("error", err.Error()))
	}
	if o.Routes, err = fromFile(asset, route.FileName, route.Parse); err != nil {
		o.Log.Error("routes not read", slog.String("error", err.Error()))
	}
	return o
}

// fromFile reads a file of the asset; without one it holds nothing.
func fromFile[T any](asset fs.FS, name string, parse func([]byte) (T, error)) (T, error) {
	var nothing T
	content, err := fs.ReadFile(asset, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nothing, nil
	}
	if err != nil {
		return nothing, fmt.Errorf("read %s: %w", name, err)
	}
	return parse(content)
}
