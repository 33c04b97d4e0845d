package credentials

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// tencentcloudSTS is STS 2018-08-13, through the SDK's client for any service.
// https://www.tencentcloud.com/document/product/1150/49452
var tencentcloudSTS = tokenService{
	assumeRole:     tencentcloudAssumeRole,
	webIdentity:    tencentcloudWebIdentity,
	callerIdentity: tencentcloudCallerIdentity,
	expired:        []string{"AuthFailure.TokenFailure"},
	host: func(_ System, region string) (text, variable string) {
		// Regions of the finance zone are reached by hosts of their own
		// (https://www.tencentcloud.com/document/product/1150/49450).
		if region = strings.ToLower(region); strings.HasSuffix(region, "-fsi") {
			return "sts." + region + ".tencentcloudapi.com", ""
		}
		return "sts.tencentcloudapi.com", ""
	},
}

var tencentcloudAdvice = map[string]string{
	"UnauthorizedOperation": "The role must trust the caller or the identity provider, and the " +
		"caller needs sts:AssumeRole for it.",
	"ResourceNotFound.RoleNotFound": "Check the ARN of the role.",
	"InternalError.GetRoleError":    "Check the ARN of the role.",
	"InternalError.IllegalRole":     "Check the ARN of the role.",
	"InvalidParameter.WebIdentityTokenError": "The token has expired, is not one of this identity provider, or its " +
		"aud and sub are not accepted by it.",
	"InvalidParameter.StrategyInvalid":     "Check the policy.",
	"InvalidParameter.StrategyFormatError": "Check the policy.",
	"InvalidParameter.OverTimeError":       "The duration is longer than the role allows.",
	"AuthFailure.SecretIdNotFound":         "The key does not exist or is disabled.",
	"AuthFailure.SignatureFailure":         "The secret does not belong to this id.",
	"AuthFailure.TokenFailure":             "The temporary keys have ended, or the token does not belong to them.",
	"AuthFailure.SignatureExpire":          "The cloud refuses calls of a clock that is more than 5 minutes off.",
}

func tencentcloudAssumeRole(ctx context.Context, e endpoint, base Set, role AssumeRole) (Set, error) {
	body := map[string]any{"RoleArn": role.RoleARN, "RoleSessionName": role.SessionName}
	setForm(body, "DurationSeconds", role.DurationSeconds)
	// The API wants it URL-encoded, within JSON
	// (https://www.tencentcloud.com/document/product/1150/49458).
	setForm(body, "Policy", strings.ReplaceAll(url.QueryEscape(role.Policy), "+", "%20"))
	setForm(body, "ExternalId", role.ExternalID)
	setForm(body, "SourceIdentity", role.SourceIdentity)
	return tencentcloudIssued(ctx, e, "AssumeRole", &base, body, role.RoleARN, base.Secrets())
}

func tencentcloudWebIdentity(ctx context.Context, e endpoint, role WebIdentity, token string) (Set, error) {
	body := map[string]any{
		"ProviderId": role.Provider, "WebIdentityToken": token, "RoleArn": role.RoleARN, "RoleSessionName": role.SessionName,
	}
	setForm(body, "DurationSeconds", role.DurationSeconds)
	return tencentcloudIssued(ctx, e, "AssumeRoleWithWebIdentity", nil, body, role.RoleARN, tokenSecrets(token))
}

type tencentcloudAnswer struct {
	Response struct {
		RequestID string `json:"RequestId"`
		Error     *struct {
			Code, Message string
		}
		AccountID   string `json:"AccountId"`
		ExpiredTime int64
		Credentials struct {
			Token, TmpSecretID, TmpSecretKey string
		}
	}
}

func tencentcloudIssued(
	ctx context.Context, e endpoint, action string, base *Set, body map[string]any, arn string, secrets []string,
) (Set, error) {
	a, parsed, err := tencentcloudCall(ctx, e, action, base, body, secrets)
	if err != nil {
		return Set{}, err
	}
	keys := parsed.Response.Credentials
	var end time.Time
	if parsed.Response.ExpiredTime > 0 {
		end = time.Unix(parsed.Response.ExpiredTime, 0)
	}
	return a.set(issued{
		id: keys.TmpSecretID, secret: keys.TmpSecretKey, token: keys.Token, end: end, account: tencentcloudAccount(arn),
	}, secrets)
}

func tencentcloudCallerIdentity(ctx context.Context, e endpoint, base Set) (string, error) {
	a, parsed, err := tencentcloudCall(ctx, e, "GetCallerIdentity", &base, map[string]any{}, base.Secrets())
	if err != nil {
		return "", err
	}
	if parsed.Response.AccountID == "" {
		return "", a.unreadable("it has no account id")
	}
	return clean(parsed.Response.AccountID), nil
}

// tencentcloudAccount returns the account of an ARN such as
// qcs::cam::uin/100000000001:roleName/ops.
func tencentcloudAccount(arn string) string {
	uin, _ := strings.CutPrefix(arnPart(arn, "qcs", 4), "uin/")
	return uin
}

// tencentcloudCall signs with base, and not at all where base is nil.
func tencentcloudCall(
	ctx context.Context, e endpoint, action string, base *Set, body map[string]any, secrets []string,
) (*answer, tencentcloudAnswer, error) {
	var parsed tencentcloudAnswer
	a, err := e.call(ctx, secrets, func(ctx context.Context, transport http.RoundTripper) error {
		return tencentcloudSend(ctx, e, transport, action, base, body)
	})
	if err != nil {
		return nil, parsed, err
	}
	if err := a.decode(&parsed); err != nil {
		return nil, parsed, err
	}
	if problem := parsed.Response.Error; problem != nil {
		return nil, parsed, a.refused(
			refusal{problem.Code, problem.Message, parsed.Response.RequestID},
			secrets,
			tencentcloudAdvice,
		)
	}
	if a.status != http.StatusOK {
		return nil, parsed, a.unreadable("it has no error code")
	}
	return a, parsed, nil
}

func tencentcloudSend(
	ctx context.Context,
	e endpoint,
	transport http.RoundTripper,
	action string,
	base *Set,
	body map[string]any,
) error {
	settings := profile.NewClientProfile()
	settings.Language = "en-US"
	settings.DisableRegionBreaker = true // It would send the call to another region.
	settings.HttpProfile.Scheme = e.url.Scheme
	settings.HttpProfile.Endpoint = e.url.Host
	settings.HttpProfile.ReqMethod = http.MethodPost
	settings.HttpProfile.ReqTimeout = 0 // The context is the clock.
	var keys common.CredentialIface
	if base != nil {
		keys = common.NewTokenCredential(base.ID, base.Secret, base.Token)
	}
	region := e.region
	if region == "" {
		region = tencentcloudRegion
	}
	client := common.NewCommonClient(keys, region, settings)
	client.WithHttpTransport(transport)
	if name := driverkit.PlainAgent(e.system.UserAgent); name != "" {
		client.WithRequestClient(name)
	}
	// A request keeps the host of its first call: this one is for one call.
	request := tchttp.NewCommonRequest("sts", "2018-08-13", action)
	request.SetContext(ctx)
	request.SetSkipSign(base == nil)
	if err := request.SetActionParameters(body); err != nil {
		return err
	}
	return client.Send(request, tchttp.NewCommonResponse())
}

// tencentcloudRegion is named where no region is known, as the SDK's own
// exchange does; the service is the same in all regions.
const tencentcloudRegion = "ap-guangzhou"
