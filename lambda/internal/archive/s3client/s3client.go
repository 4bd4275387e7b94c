// Package s3client opens buckets for package archive with the AWS SDK's client of S3.
//
// It is the operator's: the functions do without that client, whose code would slow their start.
package s3client

import (
	"context"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/s3read/s3list"
)

type listAPI interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

type getAPI interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Open finds the Region of the bucket of s3://BUCKET/PREFIX and whether it may be listed. The configuration's Region is
// only where to ask first. The error is S3's own.
func Open(ctx context.Context, cfg aws.Config, name string) (*archive.Bucket, error) {
	bucket, prefix, err := archive.ParseBucket(name)
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
			return bucketOf(bucket, prefix, client, client), err
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

// Get opens an object of a bucket in the configuration's Region. The error is a sentence.
func Get(ctx context.Context, cfg aws.Config, bucket, key string) (io.ReadCloser, error) {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
	return bucketOf(bucket, "", client, client).Get(ctx, key)
}

func bucketOf(name, prefix string, list listAPI, get getAPI) *archive.Bucket {
	return &archive.Bucket{
		Name:   name,
		Prefix: prefix,
		List: func(ctx context.Context, ask s3list.Ask) (s3list.Page, error) {
			out, err := list.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
				Bucket:            aws.String(name),
				Prefix:            aws.String(ask.Prefix),
				Delimiter:         optional(ask.Delimiter),
				StartAfter:        optional(ask.After),
				ContinuationToken: optional(ask.Token),
			})
			if err != nil {
				return s3list.Page{}, inWords(err, archive.ListObjects)
			}
			return pageOf(out), nil
		},
		Get: func(ctx context.Context, key string) (io.ReadCloser, error) {
			out, err := get.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(name), Key: aws.String(key)})
			if err != nil {
				return nil, inWords(err, archive.GetObject)
			}
			return out.Body, nil
		},
	}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return aws.String(text)
}

func pageOf(out *s3.ListObjectsV2Output) s3list.Page {
	var page s3list.Page
	for _, o := range out.Contents {
		page.Objects = append(page.Objects, s3list.Object{
			Key: aws.ToString(o.Key), Size: aws.ToInt64(o.Size), Class: string(o.StorageClass), ETag: aws.ToString(o.ETag),
		})
	}
	for _, f := range out.CommonPrefixes {
		page.Folders = append(page.Folders, aws.ToString(f.Prefix))
	}
	if aws.ToBool(out.IsTruncated) {
		page.Next = aws.ToString(out.NextContinuationToken)
	}
	return page
}

// inWords is a sentence for the error of a call.
func inWords(err error, call archive.Call) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	code, status, said := awscall.Code(err), awscall.Status(err), ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		said = api.ErrorMessage()
	}
	if why := call.Refused(code, status, said); why != nil {
		return why
	}
	if code != "" {
		return errors.New(awscall.Other("S3", err))
	}
	return errors.New(awscall.Unreached("S3", err))
}
