package credentials

import (
	"context"
	"net/http"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// alicloudSTS is STS 2015-04-01, through the generic client of the SDK.
// https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-overview
var alicloudSTS = tokenService{
	assumeRole:     alicloudAssumeRole,
	webIdentity:    alicloudWebIdentity,
	callerIdentity: alicloudCallerIdentity,
	expired:        []string{"InvalidSecurityToken.Expired"},
	host:           alicloudSTSHost,
}

// alicloudSTSHost returns the host that serves all regions, unless a variable
// of the SDK or the CLI names another one. The keys of each are good in all
// regions.
func alicloudSTSHost(s System, _ string) (text, variable string) {
	if text, variable = s.first([]string{"ALIBABA_CLOUD_STS_ENDPOINT"}); text != "" {
		return text, variable
	}
	if region, variable := s.first([]string{"ALIBABA_CLOUD_STS_REGION"}); region != "" {
		return alicloudRegionHost(region, s.isTrue("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED")), variable
	}
	return alicloudCommonSTS, ""
}

const alicloudCommonSTS = "sts.aliyuncs.com"

// alicloudRegionHost returns the host of one region. Two regions of the finance
// zone have none of their own (the endpoint map of the vendor's PHP SDK).
func alicloudRegionHost(region string, vpc bool) string {
	region = strings.ToLower(region)
	switch {
	case vpc:
		return "sts-vpc." + region + ".aliyuncs.com"
	case region == "cn-hangzhou-finance" || region == "cn-shenzhen-finance-1":
		return alicloudCommonSTS
	}
	return "sts." + region + ".aliyuncs.com"
}

// alicloudAdvice is about the codes that a user can do something about.
// https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc
var alicloudAdvice = map[string]string{ //nolint:gosec // G101: codes and texts.
	"NoPermission": "The role must trust the caller, and the caller needs sts:AssumeRole for it " +
		"(AliyunSTSAssumeRoleAccess); " +
		"keys of the account itself cannot assume a role.",
	"EntityNotExist.Role":              "Check the ARN of the role.",
	"InvalidAccessKeyId.NotFound":      "The access key does not exist in this account or on this site.",
	"InvalidAccessKeyId.Inactive":      "The access key is disabled.",
	"InvalidSecurityToken.Expired":     "The temporary keys have ended.",
	"SignatureDoesNotMatch":            "The secret does not belong to this id.",
	"InvalidParameter.DurationSeconds": "The duration is longer than the role's maximum session duration.",
	"AuthenticationFail.NoPermission": "The role does not trust this identity provider, or its " +
		"conditions do not accept the token's iss, aud and sub.",
	"AuthenticationFail.OIDCToken.AudienceNotMatch": "The token's aud is none of the client ids of the identity " +
		"provider.",
	"AuthenticationFail.OIDCToken.Expired":          "The token has expired.",
	"AuthenticationFail.OIDCToken.Invalid":          "The token is malformed, or is not one of this identity provider.",
	"AuthenticationFail.OIDCToken.InvalidSignature": "The signature of the token does not match the keys of the issuer.",
	"AuthenticationFail.OIDCToken.HttpsUrlInvalid": "The cloud cannot read the issuer's configuration: check its " +
		"URL and fingerprints in the identity provider.",
	"AuthenticationFail.OIDCProvider.NotExist":       "Check the ARN of the identity provider.",
	"AuthenticationFail.OIDCProvider.IssuerNotMatch": "The token's iss is not the issuer of the identity provider.",
}

func alicloudAssumeRole(ctx context.Context, e endpoint, base Set, role AssumeRole) (Set, error) {
	form := map[string]any{"RoleArn": role.RoleARN, "RoleSessionName": role.SessionName}
	setForm(form, "DurationSeconds", role.DurationSeconds)
	setForm(form, "Policy", role.Policy)
	setForm(form, "ExternalId", role.ExternalID)
	return alicloudIssued(ctx, e, "AssumeRole", &base, form, base.Secrets())
}

func alicloudWebIdentity(ctx context.Context, e endpoint, role WebIdentity, token string) (Set, error) {
	form := map[string]any{
		"RoleArn": role.RoleARN, "OIDCProviderArn": role.Provider, "OIDCToken": token, "RoleSessionName": role.SessionName,
	}
	setForm(form, "DurationSeconds", role.DurationSeconds)
	setForm(form, "Policy", role.Policy)
	return alicloudIssued(ctx, e, "AssumeRoleWithOIDC", nil, form, tokenSecrets(token))
}

// setForm sets a field that has a value.
func setForm[T string | int64](form map[string]any, key string, value T) {
	var none T
	if value != none {
		form[key] = value
	}
}

type alicloudAnswer struct {
	RequestID       string `json:"RequestId"`
	Code            string
	Message         string
	AccountID       string `json:"AccountId"`
	AssumedRoleUser struct {
		Arn string
	}
	Credentials struct {
		AccessKeyID     string `json:"AccessKeyId"`
		AccessKeySecret string
		SecurityToken   string
		Expiration      time.Time
	}
}

func alicloudIssued(
	ctx context.Context,
	e endpoint,
	action string,
	base *Set,
	form map[string]any,
	secrets []string,
) (Set, error) {
	a, parsed, err := alicloudCall(ctx, e, action, base, form, secrets)
	if err != nil {
		return Set{}, err
	}
	return a.set(issued{
		id:      parsed.Credentials.AccessKeyID,
		secret:  parsed.Credentials.AccessKeySecret,
		token:   parsed.Credentials.SecurityToken,
		end:     parsed.Credentials.Expiration,
		account: alicloudAccount(parsed.AssumedRoleUser.Arn),
	}, secrets)
}

func alicloudCallerIdentity(ctx context.Context, e endpoint, base Set) (string, error) {
	a, parsed, err := alicloudCall(ctx, e, "GetCallerIdentity", &base, map[string]any{}, base.Secrets())
	if err != nil {
		return "", err
	}
	if parsed.AccountID == "" {
		return "", a.unreadable("it has no account id")
	}
	return clean(parsed.AccountID), nil
}

// alicloudAccount returns the account of an ARN such as
// acs:ram::1234567890123456:role/ops.
func alicloudAccount(arn string) string { return arnPart(arn, "acs", 3) }

// arnPart returns a part of a name whose parts are joined by colons.
func arnPart(arn, prefix string, part int) string {
	parts := strings.Split(arn, ":")
	if parts[0] != prefix || len(parts) <= part {
		return ""
	}
	return parts[part]
}

// alicloudCall signs with base, and not at all where base is nil.
func alicloudCall(
	ctx context.Context, e endpoint, action string, base *Set, form map[string]any, secrets []string,
) (*answer, alicloudAnswer, error) {
	var parsed alicloudAnswer
	if err := driverkit.QuietSDK(e.system.env("DEBUG")); err != nil {
		return nil, parsed, invalid("%s", err)
	}
	a, err := e.call(ctx, secrets, func(ctx context.Context, transport http.RoundTripper) error {
		return alicloudSend(ctx, e, transport, action, base, form)
	})
	if err != nil {
		return nil, parsed, err
	}
	if err := a.decode(&parsed); err != nil {
		return nil, parsed, err
	}
	if parsed.Code != "" || a.status != http.StatusOK {
		return nil, parsed, a.refused(refusal{parsed.Code, parsed.Message, parsed.RequestID}, secrets, alicloudAdvice)
	}
	return a, parsed, nil
}

func alicloudSend(
	ctx context.Context,
	e endpoint,
	transport http.RoundTripper,
	action string,
	base *Set,
	form map[string]any,
) error {
	config := &openapimodels.Config{
		Endpoint: dara.String(e.url.Host),
		Protocol: dara.String(e.url.Scheme),
		RegionId: dara.String(e.region),
		// Not nil, or the SDK would take one from its environment variable.
		UserAgent: dara.String(""),
		// The SDK would send the call through the proxy of the environment, its
		// password in a header. Named here, the host is left to our transport (SDK
		// source: tea, dara/core.go, getHttpProxy).
		NoProxy:    dara.String(e.url.Host),
		HttpClient: alicloudHTTP{transport},
	}
	authentication := "Anonymous"
	if base != nil {
		authentication = "AK"
		config.AccessKeyId, config.AccessKeySecret = dara.String(base.ID), dara.String(base.Secret)
		config.SecurityToken = dara.String(base.Token)
	}
	client, err := openapi.NewClient(config)
	if err != nil {
		return err
	}
	_, err = client.CallApiWithCtx(ctx, &openapimodels.Params{
		Action:      dara.String(action),
		Version:     dara.String("2015-04-01"),
		Protocol:    dara.String(e.url.Scheme),
		Method:      dara.String(http.MethodPost),
		Pathname:    dara.String("/"),
		AuthType:    dara.String(authentication),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("string"),
		Style:       dara.String("ROA"),
	}, &openapimodels.OpenApiRequest{Body: form}, &dara.RuntimeOptions{})
	return err
}

// alicloudHTTP is what the SDK sends through. It keeps no time: the context is
// the clock.
type alicloudHTTP struct{ transport http.RoundTripper }

// Call sends the request.
func (h alicloudHTTP) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	return h.transport.RoundTrip(req)
}
