namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>
/// Cross entropy of the predictions along one card's history, and its derivatives by the 21 weights: reverse-mode differentiation of <see cref="FsrsModel"/>, written out by
/// hand. A pass forward keeps a tape of what each step computed; the pass backward carries the derivatives by stability and difficulty from the last review to the first.
/// </summary>
/// <remarks>One pass serves all reviews of a card that are predicted, where fitting each with its own copy of the history before it takes time in the square of its length.</remarks>
internal sealed class LossGradient(bool shortTerm)
{
    private readonly Step[] _tape = new Step[TrainingSet.LongestSequence];
    private readonly double[] _w = new double[FsrsWeights.Count];
    private readonly double[] _gradient = new double[FsrsWeights.Count];
    private double _factor;
    private double _factorByW20;
    private double _recallFactor;
    private double _lapseShare;
    private double _w19;
    private double _target;
    private double _targetByW5;

    private enum Kind : byte
    {
        Recalled,
        Lapsed,
        LapseLimited,
        SameDay,
        Unchanged,
    }

    /// <summary>Sum of the derivatives since <see cref="Clear"/>.</summary>
    public Span<double> Gradient => _gradient;

    public void Clear() => _gradient.AsSpan().Clear();

    /// <summary>The weights that losses and derivatives are computed at.</summary>
    public void Use(ReadOnlySpan<double> weights)
    {
        weights.CopyTo(_w);
        var power = Math.Exp(-Math.Log(0.9) / _w[20]);
        _factor = power - 1;
        _factorByW20 = power * Math.Log(0.9) / (_w[20] * _w[20]);
        _recallFactor = Math.Exp(_w[8]);
        _lapseShare = shortTerm ? Math.Exp(-_w[17] * _w[18]) : 1;
        _w19 = Math.Max(_w[19], FsrsModel.MinShortTermDamping);
        _target = FsrsModel.UnclampedFirstDifficulty(_w, 4);
        _targetByW5 = -3 * Math.Exp(3 * _w[5]);
    }

    /// <summary>The loss along a history; its derivatives are added to <see cref="Gradient"/>.</summary>
    /// <param name="ratings">The ratings.</param>
    /// <param name="days">Days since the review before.</param>
    /// <param name="weights">How much each prediction counts; 0 if it is none.</param>
    public double Add(ReadOnlySpan<Rating> ratings, ReadOnlySpan<int> days, ReadOnlySpan<float> weights)
    {
        var last = Math.Min(weights.Length, _tape.Length) - 1;
        while (last > 0 && weights[last] == 0)
            last--;
        if (last <= 0)
            return 0;
        var first = (int)ratings[0];
        var unclamped = FsrsModel.UnclampedFirstDifficulty(_w, first);
        var (s, d, loss) = (_w[first - 1], Math.Clamp(unclamped, FsrsModel.MinDifficulty, FsrsModel.MaxDifficulty), 0.0);
        for (var i = 1; i <= last; i++)
        {
            ref var step = ref _tape[i];
            loss += weights[i] * Forward(ref step, ref s, ref d, (int)ratings[i], days[i], weights[i] > 0, i < last);
        }

        var (byS, byD) = (0.0, 0.0);
        for (var i = last; i > 0; i--)
            Backward(ref _tape[i], (int)ratings[i], days[i], weights[i], ref byS, ref byD, i < last);
        _gradient[first - 1] += byS;
        if (unclamped is > FsrsModel.MinDifficulty and < FsrsModel.MaxDifficulty)
        {
            _gradient[4] += byD;
            _gradient[5] -= byD * (first - 1) * Math.Exp(_w[5] * (first - 1));
        }

        return loss;
    }

    /// <returns>The loss of the prediction, without its weight.</returns>
    private double Forward(ref Step step, ref double s, ref double d, int rating, int days, bool isPredicted, bool changes)
    {
        (step.S, step.D) = (s, d);
        var loss = 0.0;
        var isSameDay = days == 0 && shortTerm;
        if (!isSameDay)
        {
            step.LogU = Math.Log(1 + _factor * days / s);
            step.R = Math.Exp(-_w[20] * step.LogU);
            if (isPredicted)
                loss = rating > 1 ? _w[20] * step.LogU : -Math.Log(1 - step.R);
        }

        if (!changes)
            return loss;
        step.LogS = Math.Log(s);
        double next;
        if (isSameDay)
        {
            var increase = Math.Exp(_w[17] * (rating - 3 + _w[18]) - _w19 * step.LogS);
            step.Kind = rating > 1 && increase < 1 ? Kind.Unchanged : Kind.SameDay;
            step.Value = step.Kind == Kind.Unchanged ? 1 : increase;
            next = s * step.Value;
        }
        else if (rating == 1)
        {
            step.Power = Math.Exp(_w[13] * Math.Log(s + 1));
            step.Value = _w[11] * Math.Exp(_w[14] * (1 - step.R) - _w[12] * Math.Log(d)) * (step.Power - 1);
            step.Kind = step.Value < s * _lapseShare ? Kind.Lapsed : Kind.LapseLimited;
            next = step.Kind == Kind.Lapsed ? step.Value : s * _lapseShare;
        }
        else
        {
            step.Power = Math.Exp(_w[10] * (1 - step.R));
            step.Value = _recallFactor * (11 - d) * Math.Exp(-_w[9] * step.LogS);
            step.Kind = Kind.Recalled;
            next = s * (1 + step.Value * (step.Power - 1) * Modifier(rating));
        }

        step.IsStabilityClamped = next is < FsrsModel.MinStability or > FsrsModel.MaxStability;
        s = Math.Clamp(next, FsrsModel.MinStability, FsrsModel.MaxStability);
        step.Harder = d - _w[6] * (rating - 3) * (10 - d) / 9;
        var nextD = _w[7] * _target + (1 - _w[7]) * step.Harder;
        step.IsDifficultyClamped = nextD is < FsrsModel.MinDifficulty or > FsrsModel.MaxDifficulty;
        d = Math.Clamp(nextD, FsrsModel.MinDifficulty, FsrsModel.MaxDifficulty);
        return loss;
    }

    /// <summary>Turns the derivatives by the state after a step into those by the state before it.</summary>
    private void Backward(ref Step step, int rating, int days, double weight, ref double byS, ref double byD, bool changes)
    {
        var (nextS, nextD, byR) = (step.IsStabilityClamped ? 0 : byS, step.IsDifficultyClamped ? 0 : byD, 0.0);
        (byS, byD) = (0, 0);
        if (changes)
        {
            byR = BackwardStability(ref step, rating, nextS, ref byS, ref byD);
            _gradient[4] += nextD * _w[7];
            _gradient[5] += nextD * _w[7] * _targetByW5;
            _gradient[6] -= nextD * (1 - _w[7]) * (rating - 3) * (10 - step.D) / 9;
            _gradient[7] += nextD * (_target - step.Harder);
            byD += nextD * (1 - _w[7]) * (1 + _w[6] * (rating - 3) / 9);
        }

        if (days == 0 && shortTerm)
            return;
        if (weight > 0)
            byR += weight * (rating > 1 ? -1 / step.R : 1 / (1 - step.R));
        // R = u^−w20 with u = 1 + F·t/S.
        var u = 1 + _factor * days / step.S;
        var byU = -byR * _w[20] * step.R / u;
        byS -= byU * _factor * days / (step.S * step.S);
        _gradient[20] += -byR * step.R * step.LogU + byU * _factorByW20 * days / step.S;
    }

    /// <returns>The derivative by the retrievability.</returns>
    private double BackwardStability(ref Step step, int rating, double next, ref double byS, ref double byD)
    {
        switch (step.Kind)
        {
            case Kind.Unchanged:
                byS += next;
                return 0;
            case Kind.SameDay:
                var after = next * step.S * step.Value;
                _gradient[17] += after * (rating - 3 + _w[18]);
                _gradient[18] += after * _w[17];
                // Below its floor the weight has no effect.
                _gradient[19] -= _w[19] >= FsrsModel.MinShortTermDamping ? after * step.LogS : 0;
                byS += next * step.Value * (1 - _w19);
                return 0;
            case Kind.LapseLimited:
                byS += next * _lapseShare;
                if (shortTerm)
                {
                    _gradient[17] -= next * step.S * _lapseShare * _w[18];
                    _gradient[18] -= next * step.S * _lapseShare * _w[17];
                }

                return 0;
            case Kind.Lapsed:
                var lapsed = next * step.Value;
                _gradient[11] += lapsed / _w[11];
                _gradient[12] -= lapsed * Math.Log(step.D);
                _gradient[13] += lapsed * step.Power * Math.Log(step.S + 1) / (step.Power - 1);
                _gradient[14] += lapsed * (1 - step.R);
                byS += lapsed * _w[13] * step.Power / ((step.S + 1) * (step.Power - 1));
                byD -= lapsed * _w[12] / step.D;
                return -lapsed * _w[14];
            default:
                var modifier = Modifier(rating);
                var growth = step.Value * (step.Power - 1);
                var grown = next * step.S * growth;
                _gradient[8] += grown * modifier;
                _gradient[9] -= grown * modifier * step.LogS;
                var byPower = next * step.S * step.Value * modifier * step.Power;
                _gradient[10] += byPower * (1 - step.R);
                if (rating == 2)
                    _gradient[15] += grown;
                else if (rating == 4)
                    _gradient[16] += grown;
                byS += next * (1 + growth * modifier * (1 - _w[9]));
                byD -= grown * modifier / (11 - step.D);
                return -byPower * _w[10];
        }
    }

    private double Modifier(int rating) => rating == 2 ? _w[15] : rating == 4 ? _w[16] : 1;

    /// <summary>What a step computed, for the way back.</summary>
    private struct Step
    {
        /// <summary>State before the step.</summary>
        public double S;
        public double D;
        public double LogS;

        /// <summary>Retrievability, and the logarithm of u in R = u^−w20.</summary>
        public double R;
        public double LogU;

        /// <summary>e^(w10·(1−R)) if remembered, (S+1)^w13 if forgotten.</summary>
        public double Power;

        /// <summary>Growth but for the power if remembered, new stability if forgotten, increase on the same day.</summary>
        public double Value;

        /// <summary>Difficulty before it reverts to the mean.</summary>
        public double Harder;
        public Kind Kind;
        public bool IsStabilityClamped;
        public bool IsDifficultyClamped;
    }
}
