package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/awscall"
)

type listAPI interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

type getAPI interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Bucket is a part of an S3 bucket.
type Bucket struct {
	Name, Prefix string

	list listAPI
	get  getAPI
}

const scheme = "s3://"

// IsBucket reports whether a name is that of a bucket and not of a file.
func IsBucket(name string) bool { return strings.HasPrefix(name, scheme) }

// ParseBucket reads s3://BUCKET/PREFIX.
func ParseBucket(name string) (bucket, prefix string, err error) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(name, scheme), "/")
	if !IsBucket(name) || bucket == "" {
		return "", "", fmt.Errorf("%.200q names no bucket; want s3://BUCKET/PREFIX", name)
	}
	return bucket, prefix, nil
}

// OpenBucket finds the bucket's Region and whether it may be listed. The configuration's Region is only where to ask
// first.
func OpenBucket(ctx context.Context, cfg aws.Config, name string) (*Bucket, error) {
	bucket, prefix, err := ParseBucket(name)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	for range 2 {
		client := s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = o.BaseEndpoint != nil // an emulator has no name for each bucket
		})
		_, err = client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
			Bucket:  aws.String(bucket),
			Prefix:  aws.String(prefix),
			MaxKeys: aws.Int32(1),
		})
		region := regionIn(err)
		if err == nil || region == "" || region == cfg.Region {
			return &Bucket{bucket, prefix, client, client}, err
		}
		cfg.Region = region
	}
	return nil, err
}

// regionIn is where a bucket is, as S3 says to who asked elsewhere.
func regionIn(err error) string {
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok && answer.Response != nil {
		return answer.Response.Header.Get("x-amz-bucket-region")
	}
	return ""
}

// Files lists the objects. A filter leaves out folders of the layout that have nothing of what it asks for: they are
// not listed. The listing ends with a File that has the error, where there is one.
func (b *Bucket) Files(ctx context.Context, filter Filter) iter.Seq[File] {
	return func(yield func(File) bool) {
		l := &listing{
			Bucket: b,
			ctx:    ctx,
			filter: filter,
			yield:  yield,
		}
		if l.below(b.Prefix); l.found == 0 && !l.stopped {
			yield(File{Name: b.name(b.Prefix), Err: errors.New("there is no object below it")})
		}
	}
}

func (b *Bucket) name(key string) string { return scheme + b.Name + "/" + key }

// listing is the way through a bucket.
type listing struct {
	*Bucket
	ctx     context.Context //nolint:containedctx // of one call
	filter  Filter
	yield   func(File) bool
	found   int
	stopped bool
}

// below lists what begins with a prefix. With a filter, it goes folder by folder as far as the layout says whose they
// are, and then from the first day to the last.
func (l *listing) below(prefix string) {
	parts, inLayout := layoutPath(prefix)
	whole := strings.HasSuffix(prefix, "/") || prefix == ""
	ordered := inLayout && whole && len(parts) >= 3
	in := &s3.ListObjectsV2Input{Bucket: aws.String(l.Name), Prefix: aws.String(prefix)}
	switch {
	case !l.filter.All() && !ordered:
		in.Delimiter = aws.String("/")
	case ordered && len(parts) == 3 && !l.filter.Since.IsZero():
		in.StartAfter = aws.String(prefix + l.filter.Since.Add(-maxAhead).Format("2006/01/02"))
	}
	for _, f := range l.pages(in, ordered) {
		if folder := aws.ToString(f.Prefix); !l.stopped && len(folder) > len(prefix) {
			l.found++
			if l.filter.hasFolder(folder) {
				l.below(folder)
			}
		}
	}
}

// pages gives the objects of a listing, and returns the folders.
func (l *listing) pages(in *s3.ListObjectsV2Input, ordered bool) (folders []types.CommonPrefix) {
	for !l.stopped {
		page, err := l.list.ListObjectsV2(l.ctx, in)
		if err != nil {
			l.give(File{Name: l.name(aws.ToString(in.Prefix)), Err: listError(err)})
			return nil
		}
		for _, o := range page.Contents {
			if !l.object(o, ordered) {
				return nil
			}
		}
		folders = append(folders, page.CommonPrefixes...)
		if !aws.ToBool(page.IsTruncated) || aws.ToString(page.NextContinuationToken) == "" {
			break
		}
		in.ContinuationToken = page.NextContinuationToken
	}
	return folders
}

// object gives an object, and reports whether those that follow are wanted: in the order of their days, they are not
// where this one is of a day that is too late.
func (l *listing) object(o types.Object, ordered bool) bool {
	key := aws.ToString(o.Key)
	l.found++
	if strings.HasSuffix(key, "/") && aws.ToInt64(o.Size) == 0 {
		return true // a folder that the console made
	}
	f := l.file(key, aws.ToInt64(o.Size))
	if o.StorageClass == types.ObjectStorageClassGlacier || o.StorageClass == types.ObjectStorageClassDeepArchive {
		f.Err = fmt.Errorf("in the storage class %s; restore it first", o.StorageClass)
	}
	if ordered && !l.filter.Until.IsZero() && f.Key.From.Truncate(day).After(l.filter.Until.Add(maxLate)) {
		return false
	}
	l.give(f)
	return !l.stopped
}

const day = 24 * time.Hour

func (l *listing) give(f File) {
	l.found++
	l.stopped = !l.yield(f)
}

func (b *Bucket) file(key string, size int64) File {
	k := layout.Of(key)
	return File{
		Name: b.name(key),
		Size: size,
		Key:  k,
		Err:  refused(k),
		id:   b.Name + "/" + key,
		open: func(ctx context.Context) (io.ReadCloser, error) {
			out, err := b.get.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(b.Name), Key: aws.String(key)})
			if err != nil {
				return nil, getError(err)
			}
			return out.Body, nil
		},
	}
}

func listError(err error) error {
	return fmt.Errorf("list it: %w", inWords(err, "s3:ListBucket", "there is no such bucket"))
}

func getError(err error) error {
	return inWords(err, "s3:GetObject", "the object is gone: it was there when the bucket was listed")
}

// inWords is a sentence for the error of a call.
func inWords(err error, permission, gone string) error {
	code, status := awscall.Code(err), awscall.Status(err)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case strings.HasPrefix(code, "KMS."):
		return fmt.Errorf("%s: the key of the object cannot be used", code)
	case awscall.Denied(err) || status == http.StatusForbidden:
		text := strings.ToLower(err.Error())
		if strings.Contains(text, "kms") {
			return errors.New("AccessDenied: the permission kms:Decrypt for the key of the object is missing")
		}
		return fmt.Errorf("AccessDenied: the permission %s is missing, or a policy denies it", permission)
	case code == "NoSuchKey" || code == "NoSuchBucket" || status == http.StatusNotFound:
		return fmt.Errorf("%s: %s", cmp.Or(code, "NotFound"), gone)
	case code == "InvalidObjectState":
		return errors.New("InvalidObjectState: it is archived; restore it first")
	case code != "":
		return errors.New(awscall.Other("S3", err))
	}
	return errors.New(awscall.Unreached("S3", err))
}
